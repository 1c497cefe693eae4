"""The default image: from its Dockerfile, or without any registry from a Debian mirror by debootstrap."""

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path

from sandboxes.container.errors import EngineError
from sandboxes.errors import SandboxUnavailable

DEFAULT_IMAGE = "qwright-sandbox:1"
_SUITE = "bookworm"
_PACKAGES = (
    "bash,build-essential,ca-certificates,curl,git,less,patch,procps,"
    "python3,python3-dev,python3-pip,python3-venv,ripgrep"
)
_SETTINGS = (
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "ENV LANG=C.UTF-8",
    'CMD ["/bin/bash"]',
)
# Contents nobody reads inside a sandbox, and the traces of this machine.
_TRIMMED = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")
_OF_THE_HOST = ("etc/resolv.conf", "etc/hostname")

LineSink = Callable[[str], None]


async def build_default_image(on_line: LineSink) -> None:
    """Make `DEFAULT_IMAGE` on the engine; `on_line` gets progress for people. Takes minutes.

    Raises `SandboxUnavailable` with the remedy when neither the base image nor a Debian mirror can be had.
    """
    from sandboxes import docker

    engine = await docker.connect()
    try:
        reason = await _from_dockerfile(engine.build, on_line)
        if reason is None:
            return
        on_line(f"The Dockerfile could not be built ({reason}). Trying a Debian mirror with debootstrap.")
        _require_debootstrap(reason)
        with tempfile.TemporaryDirectory(prefix="qwright-image-", dir="/var/tmp") as directory:
            archive = await _root_file_system(Path(directory), on_line)
            on_line("Importing the image.")
            try:
                await engine.import_image(archive, DEFAULT_IMAGE, _SETTINGS)
            except EngineError as error:
                raise SandboxUnavailable(f"The engine did not take the image: {error}") from error
    finally:
        await engine.close()


async def _from_dockerfile(build: Callable[[str, str, LineSink], Awaitable[None]], on_line: LineSink) -> str | None:
    """None when it worked, else the reason."""
    text = resources.files("sandboxes.container").joinpath("image/Dockerfile").read_text("utf-8")
    try:
        await build(text, DEFAULT_IMAGE, on_line)
    except EngineError as error:
        return " ".join(str(error).split())[:300].rstrip(".")
    return None


def _require_debootstrap(reason: str) -> None:
    other = f"or bring an image from elsewhere: `docker save {DEFAULT_IMAGE} | ssh HERE docker load`."
    if shutil.which("debootstrap") is None:
        raise SandboxUnavailable(
            f"The default image cannot be made: its base cannot be pulled ({reason}), and debootstrap, which needs "
            f"only a Debian mirror, is not installed. Install it (`sudo apt-get install debootstrap`), {other}"
        )
    if os.geteuid() != 0:
        raise SandboxUnavailable(
            f"The default image cannot be made: its base cannot be pulled ({reason}), and debootstrap needs root. "
            f"Run `sudo qwright sandbox build`, {other}"
        )


async def _root_file_system(directory: Path, on_line: LineSink) -> Path:
    root, archive = directory / "root", directory / "root.tar"
    mirror = await asyncio.to_thread(_mirror)
    argv = [
        "debootstrap",
        "--variant=minbase",
        f"--include={_PACKAGES}",
        _SUITE,
        str(root),
        *([mirror] if mirror else []),
    ]
    await _told(argv, on_line)
    await asyncio.to_thread(_trim, root)
    await _told(["tar", "-C", str(root), "--numeric-owner", "--one-file-system", "-cf", str(archive), "."], on_line)
    return archive


async def _told(argv: list[str], on_line: LineSink) -> None:
    """Run a program and pass on its lines; raises `SandboxUnavailable` with the last ones when it fails."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    last: list[str] = []
    try:
        if process.stdout is not None:
            async for line in process.stdout:
                text = line.decode("utf-8", "replace").rstrip()
                last = [*last[-7:], text]
                on_line(text)
        code = await process.wait()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if code != 0:
        said = "; ".join(last)
        raise SandboxUnavailable(f"{argv[0]} failed with exit code {code}, so the default image is not made: {said}")


def _mirror() -> str | None:
    """The Debian mirror that this machine's apt uses; None leaves the choice to debootstrap."""
    etc = Path("/etc/apt")
    files = [
        *sorted(etc.glob("sources.list.d/*.sources")),
        etc / "sources.list",
        *sorted(etc.glob("sources.list.d/*.list")),
    ]
    for file in files:
        text = file.read_text("utf-8", "replace") if file.is_file() else ""
        for uri in re.findall(r"^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(\S+)", text, re.M):
            if "security" not in uri and "ubuntu" not in uri:
                return str(uri)
    return None


def _trim(root: Path) -> None:
    for name in _TRIMMED:
        for entry in (root / name).glob("*"):
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for name in _OF_THE_HOST:
        (root / name).unlink(missing_ok=True)
    (root / "usr/bin/python").unlink(missing_ok=True)
    (root / "usr/bin/python").symlink_to("python3")
    (root / "etc/gitconfig").write_text("[safe]\n\tdirectory = *\n", "utf-8")
