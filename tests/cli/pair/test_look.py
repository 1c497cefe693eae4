"""What the app is told of its looks, and what a terminal answers when it is asked for its background."""

import os
import pty
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.config import resolve
from cli.errors import UsageError
from cli.pair.backdrop import Backdrop, is_light, light_by_name
from cli.pair.look import look_of
from tui.themes.names import Look

LIGHT = b"\x1b]11;rgb:fafa/fafa/f5f5\x1b\\"
DARK = b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07"
ATTRIBUTES = b"\x1b[?62;22c"
XTERM = {"TERM": "xterm-256color"}


def asked(says: bytes, environment: dict[str, str] | None = None) -> tuple[bool | None, str, bytes]:
    """What comes of it on a terminal that says this when it is asked; and what it was asked."""
    master, slave = pty.openpty()
    heard = bytearray()

    def answer() -> None:
        heard.extend(os.read(master, 100))
        os.write(master, says)

    terminal = threading.Thread(target=answer)
    terminal.start()
    backdrop = Backdrop(environment or XTERM, slave)
    terminal.join()
    light, typed = backdrop.answer()
    os.close(master)
    os.close(slave)
    return light, typed, bytes(heard)


@pytest.mark.parametrize(("says", "light"), [(LIGHT, True), (DARK, False), (b"", None)])
def test_a_terminal_tells_its_background(says: bytes, light: bool | None) -> None:
    assert asked(says + ATTRIBUTES)[:2] == (light, "")


def test_what_was_typed_meanwhile_is_kept() -> None:
    assert asked(b"fix " + LIGHT + b"the " + ATTRIBUTES + b"bug")[:2] == (True, "fix the bug")


def test_a_terminal_that_says_nothing_is_not_waited_for() -> None:
    assert asked(b"x")[:2] == (None, "x")


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {**XTERM, "SSH_CONNECTION": "1 2 3 4"}, {"TERM": "dumb"}])
def test_far_and_plain_terminals_are_not_asked(environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    assert Backdrop({**environment, "COLORFGBG": "0;15"}, slave).answer() == (True, "")
    with pytest.raises(BlockingIOError):
        os.read(master, 10)
    os.close(master)
    os.close(slave)


def test_without_a_terminal_nothing_is_asked() -> None:
    reader, writer = os.pipe()
    assert Backdrop(XTERM, reader).answer() == (None, "")
    os.close(reader)
    os.close(writer)


@given(st.integers(0, 255), st.integers(1, 4))
def test_grey_is_light_above_the_middle(level: int, digits: int) -> None:
    part = f"{level:02x}{level:02x}"[:digits].encode()
    value = int(part, 16) / (16**digits - 1)
    assert is_light(part, part, part) == (value > 0.5)


@pytest.mark.parametrize(
    ("value", "light"),
    [("15;0", False), ("0;15", True), ("0;default;7", True), ("", None), ("1;x", None), ("0;8", False)],
)
def test_colours_by_name(value: str, light: bool | None) -> None:
    assert light_by_name(value) is light


class Silent(Backdrop):
    """A terminal that nothing is known of."""

    def __init__(self) -> None:
        super().__init__({}, -1)

    def _may_ask(self) -> bool:
        return False


def look_with(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, **environment: str) -> Look:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(folder))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (folder / "config.toml").write_text(text)
    return look_of(Silent())


def test_the_table_the_top_of_the_file_and_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = '[tui]\ntheme = "light"\nnotify = "bell"\nnotify_seconds = 3\n'
    assert look_with(monkeypatch, tmp_path, table) == Look("light", None, "bell", 3.0)
    assert look_with(monkeypatch, tmp_path, f'theme = "ansi"\n{table}').theme == "ansi"
    assert look_with(monkeypatch, tmp_path, table, QWRIGHT_THEME="colour-blind").theme == "colour-blind"
    resolved = resolve({}, None).values
    assert (resolved.theme, resolved.notify, resolved.notify_seconds) == ("colour-blind", "bell", 3.0)


def test_what_is_wrong_is_for_the_configuration_to_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert look_with(monkeypatch, tmp_path, "[tui]\ntheme = 3\nnotify_seconds = 'x'") == Look("auto")
    with pytest.raises(UsageError, match="theme"):
        resolve({}, None)
    assert look_with(monkeypatch, tmp_path, "not toml") == Look("auto")
    assert look_with(monkeypatch, tmp_path, '[tui]\ntheem = "dark"') == Look("auto")
    with pytest.raises(UsageError, match=r"theem.*did you mean 'theme'"):
        resolve({}, None)


def test_a_project_does_not_choose_the_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / ".qwright.toml").write_text('[tui]\ntheme = "light"\n')
    with pytest.raises(UsageError, match="a repository may not decide"):
        resolve({}, tmp_path)
