"""After the cut, nothing that an agent can read of a repository speaks of what came after the base commit."""

import os
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.batch.history import cut_history
from sandboxes.errors import WorkspaceError
from tests.fakes.sandbox import FolderSandbox
from tests.jobs.places import SECRET, commit, git, repository

FUTURE = f"# {SECRET}\n" + "def add(a, b):\n    return a + b\n" * 20


def everything(folder: Path) -> bytes:
    """All files below, and all objects of every store below: as git reads them, and each loose one inflated."""
    found: list[bytes] = []
    for path in folder.rglob("*"):
        found.append(os.fsencode(path.relative_to(folder)))
        if path.is_file():
            data = path.read_bytes()
            found.append(data)
            if "objects" in path.parts and len(path.name) == 38:
                found.append(zlib.decompress(data))
        elif path.name == "objects" and path.is_dir() and (path.parent / "HEAD").exists():
            found.append(objects(path.parent))
    return b"\n".join(found)


def objects(folder: Path) -> bytes:
    command = ["git", f"--git-dir={folder}", "cat-file", "--batch", "--batch-all-objects"]
    return subprocess.run(command, capture_output=True, check=True).stdout


class Planted:
    """A repository with a base commit, and a commit of the future that only a detached HEAD had."""

    def __init__(self, folder: Path) -> None:
        self.around = folder
        self.folder = repository(folder / "r")
        git(self.folder, "checkout", "-q", "-B", "main")
        git(self.folder, "config", "user.name", "t")
        git(self.folder, "config", "user.email", "t@example.invalid")
        self.base = git(self.folder, "rev-parse", "HEAD")
        self.future = self.later()

    def later(self) -> str:
        """A commit of the future; the tree is as before."""
        git(self.folder, "checkout", "-q", "--detach")
        (self.folder / "calc.py").write_text(FUTURE)
        future = commit(self.folder, f"the repair {SECRET}")
        git(self.folder, "checkout", "-q", "-f", "main")
        return future

    async def cut(self) -> None:
        sandbox = FolderSandbox(self.folder, self.around / "scratch")
        await cut_history(sandbox, self.base, str(self.around))
        await sandbox.close()


def branch(at: Planted) -> None:
    git(at.folder, "branch", f"later-{SECRET}", at.future)
    git(at.folder, "config", f"branch.later-{SECRET}.description", SECRET)


def packed_refs(at: Planted) -> None:
    git(at.folder, "tag", "-a", "-m", SECRET, f"v2-{SECRET}", at.future)
    git(at.folder, "pack-refs", "--all")


def remote(at: Planted) -> None:
    git(at.folder, "remote", "add", "origin", f"https://example.invalid/{SECRET}")
    git(at.folder, "update-ref", "refs/remotes/origin/main", at.future)
    git(at.folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")


def stash(at: Planted) -> None:
    (at.folder / "calc.py").write_text(FUTURE)
    git(at.folder, "stash", "push", "-q", "-m", SECRET)


def note(at: Planted) -> None:
    git(at.folder, "notes", "add", "-m", SECRET, at.base)


def ahead(at: Planted) -> None:
    git(at.folder, "reset", "-q", "--hard", at.future)
    for number in range(2):
        (at.folder / f"extra{number}").write_text(SECRET)
        commit(at.folder, SECRET)


def ahead_by_one(at: Planted) -> None:
    git(at.folder, "reset", "-q", "--hard", at.future)


def staged(at: Planted) -> None:
    (at.folder / "calc.py").write_text(FUTURE)
    git(at.folder, "add", "-A")
    (at.folder / "calc.py").write_text("def add(a, b):\n    return a - b\n")


def files_of_git(at: Planted) -> None:
    inside = at.folder / ".git"
    for name in ("FETCH_HEAD", "ORIG_HEAD", "COMMIT_EDITMSG", "BISECT_LOG", "hooks/post-commit", "rr-cache/a/preimage"):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(SECRET)
    for name in ("sequencer/todo", "lfs/objects/a", "description", "info/grafts", "remotes/origin", "x.patch"):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(f"# {SECRET}")


def kept_pack(at: Planted) -> None:
    git(at.folder, "repack", "-q", "-a", "-d", "-k")
    for pack in (at.folder / ".git/objects/pack").glob("*.pack"):
        pack.with_suffix(".keep").touch()


def promised_pack(at: Planted) -> None:
    git(at.folder, "config", "core.repositoryformatversion", "1")
    git(at.folder, "config", "extensions.partialClone", "origin")
    git(at.folder, "config", "remote.origin.promisor", "true")
    git(at.folder, "repack", "-q", "-a", "-d", "-k")
    for pack in (at.folder / ".git/objects/pack").glob("*.pack"):
        pack.with_suffix(".promisor").touch()


def pack_without_index(at: Planted) -> None:
    listed = subprocess.run(
        ["git", "-C", str(at.folder), "pack-objects", "--revs", "--stdout"],
        input=f"{at.future}\n".encode(),
        capture_output=True,
        check=True,
    )
    (at.folder / ".git/objects/pack/tmp_pack_abc").write_bytes(listed.stdout)


def alternates(at: Planted) -> None:
    git(at.around, "clone", "-q", "--bare", str(at.folder), "mirror.git")
    git(at.around / "mirror.git", "fetch", "-q", str(at.folder), f"{at.future}:refs/heads/later")
    git(at.around / "mirror.git", "repack", "-q", "-a", "-d")
    (at.folder / ".git/objects/info/alternates").write_text(f"{at.around}/mirror.git/objects\n")


def worktree(at: Planted) -> None:
    git(at.folder, "worktree", "add", "-q", str(at.around / "elsewhere"), at.future)


def copy(at: Planted) -> None:
    git(at.around, "clone", "-q", "--no-local", str(at.folder), "copy")
    git(at.around / "copy", "fetch", "-q", str(at.folder), at.future)


def cache(at: Planted) -> None:
    folder = at.around / "root" / ".cache" / "pip" / "wheels"
    folder.mkdir(parents=True)
    (folder / "calc-2.whl").write_text(SECRET)


def submodule(at: Planted) -> None:
    other = repository(at.around / "other")
    git(at.folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "vendor/other")
    inside = at.folder / "vendor" / "other"
    (inside / "calc.py").write_text(FUTURE)
    then = git(inside, "rev-parse", "HEAD")
    commit(inside, SECRET)
    git(inside, "branch", f"later-{SECRET}")
    git(inside, "checkout", "-q", "--detach", then)
    at.base = commit(at.folder, "with a submodule")
    at.future = at.later()


PLACES: tuple[Callable[[Planted], None], ...] = (
    submodule,
    branch,
    packed_refs,
    remote,
    note,
    stash,
    alternates,
    worktree,
    copy,
    cache,
    files_of_git,
    pack_without_index,
    kept_pack,
    ahead,
    ahead_by_one,
    staged,
    promised_pack,
)


async def cut_and_search(at: Planted) -> None:
    assert SECRET.encode() in everything(at.around)
    before = git(at.folder, "ls-tree", "-r", at.base)
    await at.cut()
    assert SECRET.encode() not in everything(at.around)
    assert git(at.folder, "ls-tree", "-r", "HEAD") == before
    assert git(at.folder, "status", "--porcelain") == ""
    assert "return a - b" in (at.folder / "calc.py").read_text()
    assert git(at.folder, "fsck", "--no-dangling", "--no-reflogs", "--unreachable") == ""
    await at.cut()
    assert git(at.folder, "rev-parse", "HEAD") == at.base


@pytest.mark.parametrize("plant", PLACES, ids=lambda plant: plant.__name__)
async def test_no_place_of_a_repository_keeps_the_future(tmp_path: Path, plant: Callable[[Planted], None]) -> None:
    at = Planted(tmp_path)
    plant(at)
    await cut_and_search(at)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chosen=st.sets(st.sampled_from(PLACES), min_size=2))
async def test_nor_do_several_together(
    tmp_path_factory: pytest.TempPathFactory, chosen: set[Callable[..., None]]
) -> None:
    at = Planted(tmp_path_factory.mktemp("several"))
    for plant in PLACES:
        if plant in chosen:
            plant(at)
    await cut_and_search(at)


async def test_one_commit_on_top_of_the_base_belongs_to_the_image(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    (at.folder / "environment").write_text("made by the image")
    commit(at.folder, "SWE-bench")
    await at.cut()
    assert git(at.folder, "rev-list", "--count", f"{at.base}..HEAD") == "1"
    assert git(at.folder, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert SECRET.encode() not in everything(at.around)


async def test_the_past_and_the_settings_that_matter_stay(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    at.base = commit_of(at, "second")
    git(at.folder, "config", "core.autocrlf", "input")
    git(at.folder, "config", "filter.x.clean", "cat")
    git(at.folder, "config", "core.sshCommand", SECRET)
    (at.folder / ".git" / "info" / "exclude").write_text("*.log\n")
    await at.cut()
    assert git(at.folder, "log", "--format=%s") == "second\nstart"
    assert git(at.folder, "config", "core.autocrlf") == "input"
    assert git(at.folder, "config", "filter.x.clean") == "cat"
    assert SECRET not in (at.folder / ".git" / "config").read_text()
    (at.folder / "a.log").touch()
    assert git(at.folder, "status", "--porcelain") == ""


async def test_a_linked_worktree_becomes_a_repository_of_its_own(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    git(at.folder, "worktree", "add", "-q", "--detach", str(at.around / "linked"), at.base)
    branch(at)
    at.folder = at.around / "linked"
    await at.cut()
    assert (at.folder / ".git").is_dir()
    assert not (at.around / "r").exists()
    assert git(at.folder, "status", "--porcelain") == ""
    assert SECRET.encode() not in everything(at.around)


async def test_a_shallow_clone_stays_one(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    at.base = commit_of(at, "second")
    git(at.around, "clone", "-q", "--depth", "1", f"file://{at.folder}", "shallow")
    at.folder = at.around / "shallow"
    sandbox = FolderSandbox(at.folder, at.around / "scratch")
    await cut_history(sandbox, at.base, str(at.folder))
    await sandbox.close()
    assert git(at.folder, "log", "--format=%s") == "second"
    assert git(at.folder, "fsck") == ""


async def test_a_clone_without_the_older_files_begins_at_the_base(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    (at.folder / "calc.py").write_text("def add(a, b):\n    return a - b  # second\n")
    at.base = commit_of(at, "second")
    branch(at)
    git(at.folder, "config", "uploadpack.allowFilter", "true")
    git(at.around, "clone", "-q", "--filter=blob:none", f"file://{at.folder}", "partial")
    at.folder = at.around / "partial"
    sandbox = FolderSandbox(at.folder, at.around / "scratch")
    await cut_history(sandbox, at.base, str(at.folder))
    await sandbox.close()
    assert git(at.folder, "log", "--format=%s") == "second"
    assert git(at.folder, "fsck") == ""
    assert SECRET.encode() not in everything(at.folder)


async def test_a_file_of_the_future_elsewhere_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    at = Planted(tmp_path)
    branch(at)
    installed = at.around / "site-packages" / "calc.py"
    installed.parent.mkdir()
    installed.write_text(FUTURE)
    (installed.parent / "other.py").write_text(FUTURE)
    await at.cut()
    assert installed.exists()
    assert f"only after commit {at.base[:12]}: {installed}" in caplog.text
    assert "other.py" not in caplog.text


async def test_a_repository_of_something_else_is_left_alone(tmp_path: Path) -> None:
    at = Planted(tmp_path)
    other = at.around / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "calc.py").write_text("another\n")
    commit(other, "another")
    await at.cut()
    assert git(other, "log", "-1", "--format=%s") == "another"


def commit_of(at: Planted, message: str) -> str:
    (at.folder / "more.py").write_text(message)
    return commit(at.folder, message)


async def test_an_image_of_another_repository_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    with pytest.raises(WorkspaceError, match="do not fit"):
        await cut_history(FolderSandbox(folder, tmp_path / "scratch"), "b" * 40, str(tmp_path))
