"""An engine's images in memory: sizes by layer, a disk of a given size, pulls that end when they are told to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandboxes.container.errors import ImageMissing
from sandboxes.container.images import ImageFacts, Layer, bytes_of

Layers = Sequence[tuple[str, int]]


@dataclass
class FakeImages:
    """Implements `ImageHost`. `registry` has what can be pulled; `disk_bytes` None is a disk that cannot be seen.

    `steps` are the turns of the event loop that a pull takes. `most_bytes` is the most that was ever here at once.
    """

    registry: Mapping[str, Layers]
    disk_bytes: int | None = None
    steps: int = 3
    here: dict[str, ImageFacts] = field(default_factory=dict[str, ImageFacts])
    in_use: set[str] = field(default_factory=set[str])
    pulled: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    most_bytes: int = 0

    async def facts(self, image: str) -> ImageFacts | None:
        await asyncio.sleep(0)
        return self.here.get(image)

    async def pull(self, image: str) -> None:
        for _ in range(self.steps):
            await asyncio.sleep(0)
        if image not in self.registry:
            raise ImageMissing(f"no {image} in the registry")
        self.pulled.append(image)
        self.load(image)

    def load(self, image: str) -> None:
        """What `docker pull` or `docker load` by somebody does."""
        layers = tuple(Layer(key, size) for key, size in self.registry[image])
        self.here[image] = ImageFacts(f"sha256:{image}-{len(self.pulled)}", layers)
        self.most_bytes = max(self.most_bytes, bytes_of(self.here.values()))

    async def remove(self, image: str) -> bool:
        await asyncio.sleep(0)
        if image in self.in_use:
            return False
        del self.here[image]
        self.removed.append(image)
        return True

    async def free_bytes(self) -> int | None:
        return None if self.disk_bytes is None else self.disk_bytes - bytes_of(self.here.values())
