"""Where the demo runs: Docker where it can be had, else this machine, said in plain words."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from cli.progress import Progress
from sandboxes import docker
from sandboxes.container.image_build import DEFAULT_IMAGE, build_default_image
from sandboxes.errors import SandboxError, SandboxUnavailable

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """The backend, and a sentence about it for the person."""

    sandbox: str
    sentence: str


async def choose(wanted: str | None, image: str, say: Say) -> Ground:
    """The wanted backend, or the best there is; the default image is built the first time.

    Raises `SandboxUnavailable` when Docker was asked for by name and cannot be had.
    """
    if wanted == "local":
        return Ground("local", "local, as asked for")
    try:
        engine = await docker.connect()
    except SandboxUnavailable:
        if wanted == "docker":
            raise
        return Ground("local", "local, because no Docker engine answers (`qwright sandbox ls` says why)")
    try:
        missing = image == DEFAULT_IMAGE and await engine.image(image) is None
    finally:
        await engine.close()
    if missing:
        try:
            await _build(say)
        except SandboxError:
            if wanted == "docker":
                raise
            return Ground("local", "local, because the image could not be built (`qwright sandbox build` says why)")
    return Ground("docker", f"docker, image {image}, no network")


async def _build(say: Say) -> None:
    say("The sandbox image is not there yet; building it once. This takes a few minutes.")
    with Progress(sys.stdout) as progress:
        await build_default_image(progress)
