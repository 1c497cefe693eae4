"""Putting a patch on the user's tree: all or nothing, the repository's own state untouched, nothing run."""

from pathlib import Path

import pytest

from sandboxes.errors import WorkspaceError
from sandboxes.workspace import HostSource, apply_patch
from tests.sandboxes.repositories import git, opened, repository, tree, write


async def make_patch(repo: Path, directory: Path, files: dict[str, str | bytes]) -> bytes:
    async with opened(HostSource(repo), directory) as it:
        write(it.tree, files)
        return await it.workspace.patch()


async def test_state_of_the_repository_is_untouched(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "b": "1\n"})
    write(repo, {"b": "staged\n"})
    git(repo, "stash")
    write(repo, {"b": "staged again\n"})
    git(repo, "add", "b")
    patch = await make_patch(repo, tmp_path, {"a": "2\n", "new/c": b"\0bin"})
    before = tree(repo / ".git", dot_git=True)
    outcome = await apply_patch(repo, patch)
    assert (outcome.applied, outcome.paths, outcome.problems) == (True, ("a", "new/c"), ())
    assert tree(repo / ".git", dot_git=True) == before
    assert (repo / "a").read_text() == "2\n"
    assert git(repo, "status", "--porcelain").splitlines() == [" M a", "M  b", "?? new/"]


async def test_from_a_subdirectory_and_without_git(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "sub/b": "1\n"})
    patch = await make_patch(repo, tmp_path, {"a": "2\n", "sub/b": "2\n"})
    write(tmp_path / "plain", {"a": "1\n", "sub/b": "1\n"})
    assert (await apply_patch(repo / "sub", patch)).applied
    assert (await apply_patch(tmp_path / "plain", patch)).applied
    assert tree(tmp_path / "plain") == tree(repo)


async def test_files_changed_meanwhile_are_named_and_nothing_is_done(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "b": "1\n", "gone": "1\n", "fine": "1\n"})
    patch = await make_patch(repo, tmp_path, {"a": "2\n", "gone": "2\n", "fine": "2\n", "taken": "t\n"})
    write(repo, {"a": "mine\n", "taken": "mine\n"})
    (repo / "gone").unlink()
    before = tree(repo, dot_git=True)
    outcome = await apply_patch(repo, patch)
    assert not outcome.applied
    assert outcome.problems == (
        "a has changed meanwhile where the patch changes it.",
        "gone is gone, and the patch changes it.",
        "taken is there already, and the patch creates it.",
    )
    assert tree(repo, dot_git=True) == before


@pytest.mark.parametrize("path", ["../outside", ".git/config", "sub/.git/hooks/x", "link/x", "/tmp/absolute-qwright"])
async def test_paths_that_leave_the_tree_are_refused(tmp_path: Path, path: str) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    (repo / "link").symlink_to(tmp_path)
    patch = f"diff --git a/a b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n".encode()
    patch = patch.replace(b"a/a b/", f"a/{path} b/".encode())
    before = tree(tmp_path, dot_git=True)
    outcome = await apply_patch(repo, patch)
    assert not outcome.applied
    assert outcome.problems
    assert tree(tmp_path, dot_git=True) == before


async def test_filters_and_line_ends_of_the_tree_do_nothing(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", {"a.txt": b"one\r\ntwo\r\n", ".gitattributes": "* text=auto eol=lf\n"})
    patch = await make_patch(repo, tmp_path, {"a.txt": b"one\r\n2\r\n", ".gitattributes": "* text=auto filter=evil\n"})
    for name in ("clean", "smudge"):
        git(repo, "config", f"filter.evil.{name}", f"touch '{canary}'; cat")
    git(repo, "config", "apply.whitespace", "error-all")
    assert (await apply_patch(repo, patch)).problems == ()
    assert (repo / "a.txt").read_bytes() == b"one\r\n2\r\n"
    assert not canary.exists()


async def test_line_ends_stay_as_they_are_on_disk(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a.txt": "one\ntwo\n", ".gitattributes": "*.txt text eol=crlf ident\n"})
    patch = await make_patch(repo, tmp_path, {"a.txt": "one\n$Id$\n", "b.txt": "new\n"})
    assert (await apply_patch(repo, patch)).problems == ()
    assert (repo / "a.txt").read_bytes() == b"one\n$Id$\n"
    assert (repo / "b.txt").read_bytes() == b"new\n"


async def test_nothing_and_nonsense(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    assert (await apply_patch(repo, b"\n")).applied
    outcome = await apply_patch(repo, b"this is no patch\n")
    assert outcome.problems
    assert not outcome.applied
    with pytest.raises(WorkspaceError, match="is not a directory"):
        await apply_patch(tmp_path / "missing", b"x")
