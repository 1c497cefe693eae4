"""The images of an engine: which are here, what they take, fetching and removing them."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandboxes import docker
from sandboxes.container.errors import EngineError, ImageMissing, no_image
from sandboxes.errors import SandboxError


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history, `key` naming it together with all steps before it; size in bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image as it is here: its id, and its layers, of which other images may have the same."""

    image_id: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class ImageUsed:
    """What a container was made from: the image's id on its machine, and the digests by which registries have it."""

    image_id: str
    digests: tuple[str, ...]


class ImageHost(Protocol):
    """What a stock of images needs of an engine. Every method raises `SandboxError` when it does not answer."""

    async def facts(self, image: str) -> ImageFacts | None:
        """The image, None when it is not here."""
        ...

    async def pull(self, image: str) -> None:
        """Fetch it; raises `ImageMissing` when that fails. Cancellation stops it."""
        ...

    async def remove(self, image: str) -> bool:
        """Remove it; False when a container uses it."""
        ...

    async def free_bytes(self) -> int | None:
        """Room on the engine's disk, None where that cannot be seen from here (an engine on another machine)."""
        ...


class EngineImages:
    """Implements `ImageHost` with the Docker engine that sandboxes use."""

    def __init__(self) -> None:
        self._engine: docker.Engine | None = None

    async def facts(self, image: str) -> ImageFacts | None:
        """See `ImageHost`."""
        engine = await self._connected()
        found = await engine.image(image)
        if found is None:
            return None
        try:
            history = await engine.history(image)
        except EngineError as error:
            if error.status == 404:
                return None
            raise
        steps = [(str(it.get("Created")), str(it.get("CreatedBy")), it.get("Size")) for it in reversed(history)]
        return ImageFacts(str(found.get("Id", "")), layers_of(steps))

    async def pull(self, image: str) -> None:
        """See `ImageHost`."""
        try:
            await (await self._connected()).pull(image)
        except EngineError as error:
            raise ImageMissing(no_image(image, str(error))) from error

    async def remove(self, image: str) -> bool:
        """See `ImageHost`."""
        try:
            await (await self._connected()).remove_image(image)
        except EngineError as error:
            if error.status == 409:
                return False
            if error.status != 404:
                raise SandboxError(f"The image {image} could not be removed: {error}") from error
        return True

    async def free_bytes(self) -> int | None:
        """See `ImageHost`."""
        engine = await self._connected()
        root = Path(str((await engine.info()).get("DockerRootDir", "")))
        try:
            return shutil.disk_usage(root).free if engine.where.startswith("unix://") and root.is_absolute() else None
        except OSError:
            return None

    async def close(self) -> None:
        """Close idle connections."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def _connected(self) -> docker.Engine:
        self._engine = self._engine or await docker.connect()
        return self._engine


def layers_of(steps: Iterable[tuple[str, str, object]]) -> tuple[Layer, ...]:
    """Layers of a history, oldest first, as (created, command, size). Images from one base have its steps in common."""
    layers: list[Layer] = []
    key = ""
    for created, command, size in steps:
        # A chain of hashes: the same command after another base is another layer.
        key = hashlib.sha256("\0".join([key, created, command, str(size)]).encode()).hexdigest()
        if isinstance(size, int) and size > 0:
            layers.append(Layer(key, size))
    return tuple(layers)


def bytes_of(images: Iterable[ImageFacts]) -> int:
    """What images take together: a layer that several have counts once."""
    return sum({layer.key: layer.size for image in images for layer in image.layers}.values())
