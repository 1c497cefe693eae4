"""A picture from the clipboard: by whichever program this desktop has for it."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from agent.pictures import MOST_BYTES, PictureRefused, picture_of
from tui.host import HostFailed

# A program that waits for an answer of another window must not hold up the screen.
LONGEST_S = 5.0
_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
    "$i=[Windows.Forms.Clipboard]::GetImage();"
    "if($i){$s=New-Object IO.MemoryStream;$i.Save($s,[Drawing.Imaging.ImageFormat]::Png);"
    "$o=[Console]::OpenStandardOutput();$b=$s.ToArray();$o.Write($b,0,$b.Length)}"
)


def programs(environment: Mapping[str, str], platform: str) -> list[list[str]]:
    """Commands that print a PNG of the clipboard, those that fit this desktop."""
    found: list[list[str]] = []
    if environment.get("WAYLAND_DISPLAY"):
        found.append(["wl-paste", "--no-newline", "--type", "image/png"])
    if environment.get("DISPLAY"):
        found.append(["xclip", "-selection", "clipboard", "-target", "image/png", "-out"])
    if platform == "darwin":
        found.append(["pngpaste", "-"])
    if environment.get("WSL_DISTRO_NAME"):
        found.append(["powershell.exe", "-NoProfile", "-STA", "-Command", _WINDOWS])
    return found


async def clipboard_picture(folder: Path) -> str:
    """Keep the clipboard's picture as a file in the folder and return its path; "" when it holds none.

    Raises `HostFailed` where no program can look: over SSH, for instance, where the clipboard is on another machine.
    """
    known = programs(os.environ, sys.platform)
    there = [command for command in known if shutil.which(command[0])]
    if not there:
        install = f"install {' or '.join(command[0] for command in known)}, or " if known else ""
        raise HostFailed(
            f"Nothing here can read a picture from the clipboard: {install}save it and name the file as @picture.png.",
            "usage",
        )
    for command in there:
        data = await _output(command)
        try:
            picture_of("The clipboard's picture", data)
        except PictureRefused as refused:
            if len(data) > MOST_BYTES:
                raise HostFailed(str(refused), "usage") from refused
            continue
        return str(await asyncio.to_thread(_kept, folder, data))
    return ""


async def _output(command: list[str]) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            out, _ = await process.communicate()
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out


def _kept(folder: Path, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.iterdir())) + 1
    path = folder / f"clipboard-{number}.png"
    path.write_bytes(data)
    return path
