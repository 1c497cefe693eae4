"""The images of a batch: pulled when an instance needs one, within a budget of disk, removed after their last use.

Only what this batch pulled is ever removed, told by a record that outlives the process: an image that was on the
machine before, or that somebody fetched anew meanwhile (its id differs), stays.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agent.json_types import as_object, as_text
from jobs.batch.store import replace_file
from sandboxes.container.images import ImageFacts, ImageHost, bytes_of
from sandboxes.errors import SandboxError, SandboxUnavailable

_logger = logging.getLogger(__name__)
GIB = 1024**3
# What an image is taken to need before one was seen: SWE-bench Verified's have 2.4 to 6.8 GB, 3.15 on average.
EXPECTED_BYTES = 4 * GIB
Pull = Literal["missing", "never"]


@dataclass(frozen=True, slots=True)
class StockRules:
    """`budget_bytes`: what images of this batch may take at once, None for "what the disk has". `keep`: not removed."""

    budget_bytes: int | None = None
    keep: bool = False
    pull: Pull = "missing"


@dataclass(slots=True)
class Stock:
    """Images on one engine. `pending` counts the instances still to come for each image."""

    host: ImageHost
    record: Path
    rules: StockRules = field(default_factory=StockRules)
    pending: Counter[str] = field(default_factory=Counter[str])
    _ours: dict[str, ImageFacts] = field(default_factory=dict[str, ImageFacts])
    _users: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _moving: set[str] = field(default_factory=set[str])
    _stuck: set[str] = field(default_factory=set[str])
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _largest: int = 0
    _opened: bool = False

    async def need(self, image: str, user: str) -> None:
        """Have the image here until `user` is done with it; waits for room in the budget. Raises `SandboxError`."""
        async with self._changed:
            await self._open()
            self._users.setdefault(image, set()).add(user)
            try:
                while True:
                    # Anew after every wait: another user of the same image may have pulled it meanwhile.
                    await self._changed.wait_for(lambda: image not in self._moving)
                    if await self.host.facts(image) is not None:
                        return
                    self._ours.pop(image, None)
                    if await self._has_room(image):
                        break
                self._moving.add(image)
            except BaseException:
                self._users[image].discard(user)
                raise
        await self._pull(image, user)

    async def done(self, image: str, user: str) -> None:
        """`user` needs the image no more; the last one's leaving removes it, if this batch pulled it."""
        async with self._changed:
            self._users.get(image, set()).discard(user)
            self.pending[image] -= 1
            self._changed.notify_all()
            if not self.rules.keep and self.pending[image] <= 0 and image in self.idle():
                await self._remove(image)

    def expect(self, images: Iterable[str]) -> None:
        """Each of these will be needed once more; without it an image would go after each use, and be pulled anew."""
        self.pending.update(images)

    async def close(self) -> None:
        """Remove what is left of what this batch pulled, unless it is kept."""
        async with self._changed:
            await self._open()
            self._stuck.clear()
            if not self.rules.keep:
                for image in self.idle():
                    await self._remove(image)

    async def missing(self) -> list[str]:
        """Which of the pending images would have to be pulled."""
        return [image for image in self.pending if await self.host.facts(image) is None]

    async def _pull(self, image: str, user: str) -> None:
        facts: ImageFacts | None = None
        try:
            await self.host.pull(image)
            facts = await self.host.facts(image)
        finally:
            async with self._changed:
                self._moving.discard(image)
                if facts is None:
                    self._users[image].discard(user)
                else:
                    self._own(image, facts)
                self._changed.notify_all()

    def _own(self, image: str, facts: ImageFacts) -> None:
        self._ours[image] = facts
        self._largest = max(self._largest, bytes_of([facts]))
        self._save()
        taken, budget = bytes_of(self._ours.values()), self.rules.budget_bytes
        if budget is not None and taken > budget:
            _logger.warning("The images of this batch take %s, more than the budget of %s.", gib(taken), gib(budget))

    async def _has_room(self, image: str) -> bool:
        """Whether one more pull fits now; if not, the way to room is one step shorter. Called with the lock held."""
        if self.rules.pull == "never":
            raise SandboxUnavailable(
                f"The image {image} is not on this machine, and pulling is off (--pull never). Fetch it with "
                f"`docker pull {image}` or `docker load`."
            )
        short = await self._short()
        if short is None:
            return True
        if idle := self.idle():
            await self._remove(idle[0])
        elif self._moving or any(self._users.get(ours) for ours in self._ours):
            await self._changed.wait()
        elif short == "budget":
            # Nothing is left to wait for: one image alone may be larger than the budget, and that is told.
            return True
        else:
            raise SandboxUnavailable(await self._full(image))
        return False

    async def _short(self) -> Literal["budget", "disk"] | None:
        """What lacks room for one more image of the size that is to be expected, beside those under way."""
        expected = self._largest or EXPECTED_BYTES
        coming = (len(self._moving) + 1) * expected
        free = await self.host.free_bytes()
        if free is not None and free < coming:
            return "disk"
        budget = self.rules.budget_bytes
        return "budget" if budget is not None and bytes_of(self._ours.values()) + coming > budget else None

    async def _full(self, image: str) -> str:
        free, expected = await self.host.free_bytes() or 0, self._largest or EXPECTED_BYTES
        return (
            f"The Docker engine's disk has {gib(free)} left, and {image} may take {gib(expected)}. "
            "Make room with `docker image prune -a` or `docker system prune`, then run the same command again."
        )

    def idle(self) -> list[str]:
        """Our images without a user, the one that came first at the head."""
        return [image for image in self._ours if not self._users.get(image) and image not in self._stuck]

    async def _remove(self, image: str) -> None:
        """Called with the lock held, so that nobody takes it up meanwhile."""
        known, here = self._ours[image], await self.host.facts(image)
        try:
            if here is not None and here.image_id == known.image_id and not await self.host.remove(image):
                raise SandboxError(f"The image {image} is in use by a container.")
        except SandboxError as error:
            self._stuck.add(image)
            _logger.warning("%s It stays; the end of this run tries again.", error)
        else:
            del self._ours[image]
            self._save()
        self._changed.notify_all()

    async def _open(self) -> None:
        """Take up what a killed run had pulled."""
        if self._opened:
            return
        self._opened = True
        for image, image_id in _recorded(self.record).items():
            here = await self.host.facts(image)
            if here is not None and here.image_id == image_id:
                self._ours[image] = here

    def _save(self) -> None:
        pulled = {image: facts.image_id for image, facts in self._ours.items()}
        replace_file(self.record, json.dumps({"pulled": pulled}, indent=1).encode() + b"\n")


def _recorded(path: Path) -> Mapping[str, str]:
    try:
        found = as_object(as_object(json.loads(path.read_bytes())).get("pulled"))
    except (OSError, ValueError):
        return {}
    return {image: as_text(image_id) for image, image_id in found.items()}


def gib(size: int) -> str:
    """A size for people."""
    return f"{size / GIB:.1f} GiB"
