"""Checks of git, terminal and disk, on words and figures of every kind."""

from pathlib import Path

import pytest

from cli.doctor.machine import CHECKS, Machine, judge_git, judge_terminal, space


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("git version 2.39.5", "ok"),
        ("git version 2.39.3 (Apple Git-146)", "ok"),
        ("git version 2.17.1", "warn"),
        ("xcrun: error", "fail"),
        ("", "fail"),
    ],
)
def test_git(text: str, status: str) -> None:
    assert judge_git(text).status == status


def terminal(term: str = "xterm-256color", size: tuple[int, int] = (120, 40), encoding: str = "utf-8") -> list[str]:
    return [finding.status for finding in judge_terminal(True, size, encoding, {"TERM": term})]


def test_terminals() -> None:
    assert terminal() == ["ok"]
    assert terminal(encoding="UTF8") == ["ok"]
    assert terminal(term="dumb") == ["warn"]
    assert terminal(size=(60, 20)) == ["warn"]
    assert terminal(encoding="ANSI_X3.4-1968") == ["warn", "ok"]
    assert [finding.status for finding in judge_terminal(False, (80, 24), "utf-8", {})] == ["skip"]


def test_colours_are_named() -> None:
    def seen(**environment: str) -> str:
        return judge_terminal(True, (80, 24), "utf-8", {"TERM": "xterm-256color", **environment})[0].seen

    assert "256 colours" in seen()
    assert "million" in seen(COLORTERM="truecolor")
    assert "NO_COLOR" in seen(NO_COLOR="1")


def test_space() -> None:
    assert space("x", Path("/x"), 10).status == "warn"
    assert space("x", Path("/x"), 10**12).status == "ok"


async def test_a_state_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path / "file"))
    check = next(check for check in CHECKS if check.name == "state directory")
    assert (await check.run(Machine()))[0].status == "fail"
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path / "new"))
    assert (await check.run(Machine()))[0].status == "ok"


async def test_git_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = next(check for check in CHECKS if check.name == "git")
    assert (await check.run(Machine()))[0].status == "ok"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in (await check.run(Machine()))[0].seen


async def test_the_configuration() -> None:
    check = next(check for check in CHECKS if check.name == "configuration")
    assert (await check.run(Machine()))[0].status == "ok"
    assert (await check.run(Machine("config.toml: no")))[0].seen == "config.toml: no"
