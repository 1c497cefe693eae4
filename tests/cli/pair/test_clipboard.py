"""The clipboard's picture, read by programs that stand first on the path."""

from pathlib import Path

import pytest

from cli.pair.clipboard import clipboard_picture, programs
from tests.agent.test_pictures import png
from tui.host import HostFailed


def test_the_desktop_decides_who_is_asked() -> None:
    assert [command[0] for command in programs({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux")] == [
        "wl-paste",
        "xclip",
    ]
    assert [command[0] for command in programs({}, "darwin")] == ["pngpaste"]
    assert [command[0] for command in programs({"WSL_DISTRO_NAME": "Debian"}, "linux")] == ["powershell.exe"]
    assert programs({}, "linux") == []


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def program(folder: Path, script: str) -> None:
    path = folder / "xclip"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_picture_is_kept_as_a_file(bin_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "held.png").write_bytes(png(7, 5))
    program(bin_folder, f"cat {tmp_path}/held.png")
    first = await clipboard_picture(tmp_path / "kept")
    second = await clipboard_picture(tmp_path / "kept")
    assert Path(first).read_bytes() == png(7, 5)
    assert first != second


async def test_a_clipboard_without_a_picture_is_told_apart(bin_folder: Path, tmp_path: Path) -> None:
    program(bin_folder, "echo 'Error: target image/png not available' >&2; exit 1")
    assert await clipboard_picture(tmp_path / "kept") == ""


async def test_without_a_program_there_is_a_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(HostFailed, match=r"name the file as @picture\.png"):
        await clipboard_picture(tmp_path)
