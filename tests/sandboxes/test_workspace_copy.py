"""Copying each kind of repository: the files as they are on disk, history cut at HEAD, and nothing else."""

import os
import socket
from pathlib import Path

import pytest

from sandboxes.errors import WorkspaceError
from sandboxes.workspace import HostSource, open_workspace, plan
from tests.sandboxes.repositories import git, opened, repository, tree, write

FILES: dict[str, str | bytes] = {
    "a.py": "a\n",
    "pkg/b.py": "b\n",
    "run.sh": "#!/bin/sh\n",
    ".gitignore": ".env\nbuild/\n",
}


def everything(root: Path) -> dict[str, tuple[str, bytes]]:
    return tree(root, dot_git=True)


async def test_clean_repository(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    (repo / "run.sh").chmod(0o755)
    (repo / "link").symlink_to("a.py")
    (repo / "dangling").symlink_to("/nowhere")
    async with opened(HostSource(repo), tmp_path) as it:
        assert tree(it.tree) == tree(repo)
        assert git(it.tree, "status", "--porcelain") == git(repo, "status", "--porcelain")
        assert git(it.tree, "log", "--format=%H") == git(repo, "log", "--format=%H")
        assert git(it.tree, "symbolic-ref", "HEAD") == git(repo, "symbolic-ref", "HEAD")
        git(it.tree, "fsck", "--strict")
        assert await it.workspace.snapshot("again") == it.workspace.base
        assert await it.workspace.patch() == b""


async def test_uncommitted_work_is_part_of_the_start(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "c": "c\n", "d": "d\n", "e": "e\n"})
    write(repo, {"both": "staged, then changed again\n"})
    git(repo, "add", "both")
    write(repo, {"both": "not staged\n"})
    write(repo, {"a.py": "staged\n", "new.py": "untracked\n", ".env": "SECRET=1\n", "build/x.o": "o"})
    git(repo, "add", "a.py")
    write(repo, {"pkg/b.py": "unstaged\n", "planned": "planned\n"})
    git(repo, "add", "-N", "planned")
    git(repo, "rm", "-q", "--cached", "c")
    (repo / "d").unlink()
    git(repo, "rm", "-q", "e")
    before = everything(repo)
    async with opened(HostSource(repo), tmp_path) as it:
        assert ".env" not in tree(it.tree)
        assert "build/x.o" not in tree(it.tree)
        assert git(it.tree, "status", "--porcelain") == git(repo, "status", "--porcelain")
        assert git(it.tree, "diff", "--cached") == git(repo, "diff", "--cached")
        assert await it.workspace.patch() == b""
        write(it.tree, {"pkg/b.py": "mine\n"})
        patch = await it.workspace.patch()
        assert b"-unstaged" in patch
        assert b"+mine" in patch
        assert patch.count(b"diff --git") == 1
    assert everything(repo) == before


async def test_nothing_but_head_comes_along(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=3)
    git(repo, "branch", "future")
    git(repo, "switch", "-q", "future")
    write(repo, {"answer.py": "the fix\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "the fix")
    future = git(repo, "rev-parse", "HEAD").strip()
    git(repo, "tag", "v2")
    git(repo, "switch", "-q", "main")
    git(repo, "remote", "add", "origin", "https://user:token@example.org/x.git")
    write(repo, {"a.py": "stashed\n"})
    git(repo, "stash")
    (repo / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
    before = everything(repo)
    async with opened(HostSource(repo), tmp_path) as it:
        assert git(it.tree, "for-each-ref", "--format=%(refname)") == "refs/heads/main\n"
        objects = git(it.tree, "cat-file", "--batch-check", "--batch-all-objects")
        assert future not in objects
        assert git(it.tree, "stash", "list") == ""
        config = (it.tree / ".git/config").read_text()
        assert "token" not in config
        assert not (it.tree / ".git/hooks").exists()
        assert not (it.tree / ".git/logs").exists()
        git(it.tree, "commit", "-q", "--allow-empty", "-m", "the model may commit")
    assert everything(repo) == before


async def test_history_is_cut_and_says_so(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=8)
    async with opened(HostSource(repo, depth=3), tmp_path) as it:
        assert git(it.tree, "rev-list", "--count", "HEAD").strip() == "3"
        git(it.tree, "fsck", "--strict")
        assert it.workspace.notes == ("The copy has the last 3 commits of 8 up to HEAD; older ones stayed behind.",)


async def test_merges_within_the_cut(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=4)
    git(repo, "switch", "-q", "-c", "side", "HEAD~2")
    write(repo, {"side.txt": "side\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "side")
    git(repo, "switch", "-q", "main")
    git(repo, "merge", "-q", "--no-edit", "side")
    async with opened(HostSource(repo, depth=2), tmp_path) as it:
        assert git(it.tree, "rev-list", "--count", "HEAD").strip() == "3"
        git(it.tree, "fsck", "--strict")
        assert git(it.tree, "status", "--porcelain") == ""


async def test_no_commit_yet(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "trunk")
    write(repo, {"staged.py": "1\n", "loose.py": "2\n"})
    git(repo, "add", "staged.py")
    async with opened(HostSource(repo), tmp_path) as it:
        assert git(it.tree, "status", "--porcelain", "-b") == git(repo, "status", "--porcelain", "-b")
        write(it.tree, {"loose.py": "3\n"})
        assert await it.workspace.changed_paths() == ["loose.py"]


async def test_an_empty_repository(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    async with opened(HostSource(repo), tmp_path) as it:
        write(it.tree, {"first.py": "1\n"})
        assert b"+++ b/first.py" in await it.workspace.patch()
        assert await it.workspace.restore(it.workspace.base) == ["first.py"]


async def test_detached_head(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=3)
    git(repo, "checkout", "-q", "HEAD~1")
    async with opened(HostSource(repo), tmp_path) as it:
        assert git(it.tree, "rev-parse", "HEAD") == git(repo, "rev-parse", "HEAD")
        assert git(it.tree, "rev-parse", "--abbrev-ref", "HEAD").strip() == "HEAD"
        assert git(it.tree, "status", "--porcelain") == ""


async def test_linked_worktree(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=2)
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "topic", str(linked))
    write(linked, {"a.py": "changed here\n"})
    git(linked, "add", "a.py")
    async with opened(HostSource(linked), tmp_path) as it:
        assert (it.tree / ".git").is_dir()
        assert git(it.tree, "status", "--porcelain", "-b") == git(linked, "status", "--porcelain", "-b")
        assert git(it.tree, "diff", "--cached") == git(linked, "diff", "--cached")


async def test_submodules_are_plain_files(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", {"lib.py": "lib\n", ".gitignore": "*.log\n"})
    repo = repository(tmp_path / "repo", FILES)
    git(repo, "submodule", "add", "-q", str(library), "third party/lib")
    git(repo, "commit", "-q", "-m", "submodule")
    write(repo, {"third party/lib/new.py": "new\n", "third party/lib/x.log": "x"})
    async with opened(HostSource(repo), tmp_path) as it:
        assert "third party/lib/new.py" in tree(it.tree)
        assert "third party/lib/x.log" not in tree(it.tree)
        assert not (it.tree / "third party/lib/.git").exists()
        assert git(it.tree, "status", "--porcelain") == ""
        write(it.tree, {"third party/lib/lib.py": "changed\n"})
        assert await it.workspace.changed_paths() == ["third party/lib/lib.py"]


async def test_a_repository_lying_in_another(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    repository(repo / "vendored", {"v.py": "v\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        assert "vendored/v.py" in tree(it.tree)
        assert not (it.tree / "vendored/.git").exists()


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
async def test_sparse_checkout(tmp_path: Path, cone: str) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "far/away.py": "far\n", "near/by.py": "near\n"})
    git(repo, "sparse-checkout", "set", cone, "near")
    assert "far/away.py" not in tree(repo)
    async with opened(HostSource(repo), tmp_path) as it:
        assert tree(it.tree) == tree(repo)
        assert git(it.tree, "status", "--porcelain") == git(repo, "status", "--porcelain")
        write(it.tree, {"near/by.py": "changed\n"})
        assert await it.workspace.changed_paths() == ["near/by.py"]


async def test_shallow_clone(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", FILES, commits=6)
    git(tmp_path, "clone", "-q", "--depth", "2", origin.as_uri(), "repo")
    async with opened(HostSource(tmp_path / "repo"), tmp_path) as it:
        assert git(it.tree, "rev-list", "--count", "HEAD").strip() == "2"
        git(it.tree, "fsck", "--strict")
        assert it.workspace.notes == ()


async def test_partial_clone_fetches_nothing(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", FILES, commits=4)
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", origin.as_uri(), "repo")
    origin.rename(tmp_path / "unreachable")
    async with opened(HostSource(tmp_path / "repo"), tmp_path) as it:
        assert git(it.tree, "status", "--porcelain") == ""
        assert git(it.tree, "log", "--format=%s", "-1").strip() == "number 3"


async def test_sha256_repository(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "--object-format=sha256")
    write(repo, FILES)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "one")
    async with opened(HostSource(repo), tmp_path) as it:
        assert git(it.tree, "rev-parse", "HEAD") == git(repo, "rev-parse", "HEAD")
        assert git(it.tree, "status", "--porcelain") == ""


async def test_plain_directory_obeys_its_gitignore(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    write(
        plain, {"a.py": "a\n", "sub/.gitignore": "secret*\n", "sub/secret.txt": "s", "sub/ok.txt": "ok", "x.pyc": "c"}
    )
    async with opened(HostSource(plain), tmp_path) as it:
        assert sorted(tree(it.tree)) == ["a.py", "sub/.gitignore", "sub/ok.txt"]
        assert not (it.tree / ".git").exists()
        assert "is not a git repository" in it.workspace.notes[0]
        write(it.tree, {"sub/secret2": "x", "b.py": "b\n"})
        assert await it.workspace.changed_paths() == ["b.py"]


async def test_subdirectory_stands_for_its_repository(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    planned = plan(HostSource(repo / "pkg"))
    assert (planned.workdir, planned.cwd) == ("/workspace", "/workspace/pkg")
    assert "the whole repository is used" in planned.notes[0]
    async with opened(HostSource(repo / "pkg"), tmp_path) as it:
        assert tree(it.tree) == tree(repo)


def test_bare_missing_and_broken_are_sentences(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    with pytest.raises(WorkspaceError, match=r"is a bare repository .* clone it"):
        plan(HostSource(tmp_path / "bare.git"))
    with pytest.raises(WorkspaceError, match="does not exist"):
        plan(HostSource(tmp_path / "missing"))
    write(tmp_path, {"broken/.git": "gitdir: /nowhere/at/all\n"})
    with pytest.raises(WorkspaceError, match="is not a git directory"):
        plan(HostSource(tmp_path / "broken"))


async def test_special_and_unreadable_files_are_named(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    write(plain, {"a.py": "a\n", "locked": "x"})
    os.mkfifo(plain / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(plain / "s"))
        (plain / "locked").chmod(0)
        async with opened(HostSource(plain), tmp_path) as it:
            notes = " ".join(it.workspace.notes)
            found = set(tree(it.tree))
    assert "a.py" in found
    assert "pipe" not in found
    if os.getuid() != 0:
        assert "locked" in notes


async def test_strange_names_and_bytes(tmp_path: Path) -> None:
    names = ["with space", "new\nline", 'quo"te', "back\\slash", "ünïcode", ":(top)x", "-dash", "tab\t", "bad\udcff"]
    contents: dict[str, str | bytes] = {name: f"{name!r}\r\nmixed\n".encode() for name in names}
    contents |= {f"deep{'/d' * 60}/{'n' * 120}": b"\0\xff"}
    contents |= {".gitattributes": "* text=auto eol=crlf\n*.bin filter=lfs\n", "x.bin": "pointer\n"}
    repo = repository(tmp_path / "repo", {"seed": "s\n"})
    write(repo, contents)
    async with opened(HostSource(repo), tmp_path) as it:
        assert tree(it.tree) == tree(repo)
        assert await it.workspace.patch() == b""
        write(it.tree, {name: b"changed\r\n" for name in contents})
        assert set(await it.workspace.changed_paths()) == set(contents)


async def test_tracked_files_behind_a_link_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"x": "outside\n"})
    repo = repository(tmp_path / "repo", {"dir/x": "inside\n"})
    (repo / "dir/x").unlink()
    (repo / "dir").rmdir()
    (repo / "dir").symlink_to(tmp_path / "elsewhere")
    async with opened(HostSource(repo), tmp_path) as it:
        assert tree(it.tree)["dir"][0] == "link"
        assert await it.workspace.patch() == b""


async def test_the_users_own_ignore_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write(tmp_path / "config/git", {"ignore": "*.private\n"})
    repo = repository(tmp_path / "repo", FILES)
    write(repo, {"x.private": "secret\n", "y.local": "local\n"})
    write(repo / ".git/info", {"exclude": "*.local\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        assert not {"x.private", "y.local"} & set(tree(it.tree))
        write(it.tree, {"z.private": "z", "z.local": "z", "z.py": "z\n"})
        assert await it.workspace.changed_paths() == ["z.py"]


async def test_caller_environment_cannot_redirect_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = repository(tmp_path / "repo", {**FILES, "kept.log": "k\n"})
    write(repo, {".gitignore": "*.log\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    async with opened(HostSource(repo), tmp_path) as it:
        assert set(tree(it.tree)) == {*FILES, "kept.log"}


async def test_a_store_that_is_taken_is_refused(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    async with opened(HostSource(repo), tmp_path) as it:
        with pytest.raises(WorkspaceError, match="already holds a workspace"):
            await open_workspace(HostSource(repo), it.sandbox, it.store)
