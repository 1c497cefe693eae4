"""The record of a bound tree: it survives a killed session, and tells the sandbox's `.git` entries from the user's."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import pytest

from cli.place import Place
from sandboxes.errors import SandboxError
from sandboxes.protocol import Sandbox
from sandboxes.tree.bound import abandoned, adopt_bound, disarm, remember_bound
from sandboxes.workspace import HostSource, Workspace, plan
from tests.sandboxes.repositories import git, repository

DEAD = "999999999_1_000000000000_"


def remembered(store: Path, repo: Path) -> None:
    bound = plan(HostSource(repo, mode="bind")).bound
    assert bound
    remember_bound(store, bound)


def kill(store: Path) -> None:
    """As if the process that wrote the record had died."""
    file = store / "bound.json"
    record = json.loads(file.read_text())
    host = record["owner"].split("_", 3)[3]
    file.write_text(json.dumps(record | {"owner": DEAD + host}))


def test_what_was_made_after_the_record_is_set_aside_once(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "lib/b": "1\n"})
    repository(repo / "own", {"o": "1\n"})
    remembered(tmp_path / "s/one", repo)
    (repo / "lib/.git").write_text("gitdir: /elsewhere\n")
    (repo / "link").mkdir()
    (repo / "link/.git").symlink_to("/")
    assert len(disarm(tmp_path / "s/one")) == 2
    assert (repo / ".git").is_dir()
    assert (repo / "own/.git").is_dir()
    assert (repo / "lib/.git.from-sandbox").is_file()
    assert (repo / "link/.git.from-sandbox").is_symlink()
    repository(repo / "later", {"l": "1\n"})
    assert disarm(tmp_path / "s/one") == []
    assert (repo / "later/.git").is_dir()


def test_a_resume_keeps_the_first_record(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    remembered(tmp_path / "s/one", repo)
    git(repo, "init", "-q", "made")
    remembered(tmp_path / "s/one", repo)
    disarm(tmp_path / "s/one", ended=False)
    assert not (repo / "made/.git").exists()
    git(repo, "init", "-q", "made")
    assert len(disarm(tmp_path / "s/one")) == 1


def test_a_later_session_finds_what_a_killed_one_left(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    other = repository(tmp_path / "other", {"a": "1\n"})
    for name, root in (("dead", repo), ("alive", repo), ("elsewhere", other)):
        remembered(tmp_path / "s" / name, root)
    kill(tmp_path / "s/dead")
    kill(tmp_path / "s/elsewhere")
    assert abandoned(tmp_path / "s", repo) == [tmp_path / "s/dead"]
    assert abandoned(tmp_path / "s", repo / "sub") == [tmp_path / "s/dead"]
    adopt_bound(tmp_path / "s/dead")
    assert abandoned(tmp_path / "s", repo) == []


class Order:
    """A workspace and its sandbox that only say when they are closed."""

    def __init__(self, *, fails: bool = False) -> None:
        self.said: list[str] = []
        self._fails = fails

    async def close(self) -> None:
        self.said.append("close")
        if self._fails:
            raise SandboxError("The engine went away.")

    async def disarm(self, *, ended: bool = True) -> None:
        self.said.append(f"disarm {ended}")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_place_disarms_when_the_sandbox_is_gone(fails: bool) -> None:
    both = Order(fails=fails)
    place = Place(cast("Sandbox", both), cast("Workspace", both))
    with pytest.raises(SandboxError) if fails else nullcontext():
        await place.close()
    assert both.said == ["close", "close", f"disarm {not fails}"]
