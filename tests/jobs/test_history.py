"""After the cut, no object of a repository speaks of what came after the base commit."""

import subprocess
from pathlib import Path

import pytest

from jobs.batch.history import cut_history
from sandboxes.errors import WorkspaceError
from tests.fakes.sandbox import FolderSandbox
from tests.jobs.places import SECRET, commit, git, repository


def everything(folder: Path) -> bytes:
    """All objects, reachable or not, and all other files of `.git`."""
    command = ["git", "-C", str(folder), "cat-file", "--batch", "--batch-all-objects"]
    objects = subprocess.run(command, capture_output=True, check=True).stdout
    return objects + b"".join(it.read_bytes() for it in (folder / ".git").rglob("*") if it.is_file())


@pytest.mark.parametrize("packed", ["packed", "kept", ""])
@pytest.mark.parametrize("ahead", [0, 1, 3])
async def test_the_future_is_gone(tmp_path: Path, packed: str, ahead: int) -> None:
    folder = repository(tmp_path / "r")
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "checkout", "-qb", "later")
    (folder / "calc.py").write_text(f"# {SECRET}\n")
    commit(folder, f"the repair {SECRET}")
    git(folder, "tag", f"v2-{SECRET}")
    git(folder, "remote", "add", "origin", f"https://example.invalid/{SECRET}")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(folder, "checkout", "-q", "-B", "main", base)
    for number in range(ahead):
        word = "environment" if ahead == 1 else SECRET
        (folder / f"extra{number}").write_text(word)
        commit(folder, word)
    (folder / ".git" / "FETCH_HEAD").write_text(SECRET)
    if packed:
        git(folder, "repack", "-q", "-a", "-d", "-k")
    if packed == "kept":
        for pack in (folder / ".git/objects/pack").glob("*.pack"):
            pack.with_suffix(".keep").touch()
    assert SECRET.encode() in everything(folder)
    await cut_history(FolderSandbox(folder, tmp_path / "scratch"), base)
    assert SECRET.encode() not in everything(folder)
    assert git(folder, "rev-list", "--count", f"{base}..HEAD") == ("1" if ahead == 1 else "0")
    assert git(folder, "status", "--porcelain") == ""
    assert "return a - b" in (folder / "calc.py").read_text()


async def test_an_image_of_another_repository_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r")
    with pytest.raises(WorkspaceError, match="do not fit"):
        await cut_history(FolderSandbox(folder, tmp_path / "scratch"), "b" * 40)
