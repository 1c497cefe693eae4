"""The container engine: does it answer, has it room, is the image there?"""

import contextlib
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from cli.config import Config
from sandboxes import docker
from sandboxes.container.image_build import DEFAULT_IMAGE
from sandboxes.errors import SandboxUnavailable
from serving.doctor.finding import Finding

NAME = "engine"
OLDEST_API = (1, 41)
LEAST_FREE = 5_000_000_000
GOOD_DRIVERS = ("overlay2", "overlayfs", "fuse-overlayfs", "overlay", "btrfs", "zfs", "stargz", "windowsfilter")


@dataclass(slots=True)
class Place:
    """What the sandbox checks share: the configuration, then what was found of the engine."""

    config: Config
    engine: docker.Engine | None = None
    info: Mapping[str, object] | None = None
    image_there: bool = False

    @property
    def image(self) -> str:
        """The image that a session would use."""
        return self.config.image or DEFAULT_IMAGE


@contextlib.asynccontextmanager
async def closing(place: Place) -> AsyncGenerator[Place]:
    """Close the engine's connection at the end."""
    try:
        yield place
    finally:
        if place.engine is not None:
            await place.engine.close()


async def engine(place: Place) -> Sequence[Finding]:
    """Connect, and read the versions."""
    try:
        place.engine = await docker.connect()
    except SandboxUnavailable as error:
        return [Finding(NAME, "fail", str(error).partition(". ")[0], _rest(str(error)))]
    place.info = await place.engine.info()
    version = await place.engine.version()
    return [judge_engine(place.engine.where, version, place.info)]


def _rest(sentences: str) -> str:
    return sentences.partition(". ")[2] or "start the engine: sudo systemctl start docker"


def judge_engine(where: str, version: Mapping[str, object], info: Mapping[str, object]) -> Finding:
    """Versions, and whether root inside is root outside."""
    api = str(version.get("ApiVersion", ""))
    number = tuple(int(part) for part in api.split(".") if part.isdecimal())
    security = " ".join(map(str, _items(info.get("SecurityOptions"))))
    rootless = "rootless" in security
    apart = "rootless" if rootless else "user namespaces" if "userns" in security else "root"
    names = " ".join(str(_field(part, "Name")) for part in _items(version.get("Components")))
    kind = "Podman" if "podman" in names.lower() else "Docker"
    figures = {"version": str(version.get("Version", "")), "api": api, "rights": apart}
    seen = f"{kind} {version.get('Version', '?')}, API {api or '?'}, at {where}"
    if number and number < OLDEST_API:
        return Finding(
            NAME, "warn", f"{seen}: older than API 1.41", "update the engine (Docker 20.10 or newer)", figures
        )
    if apart == "root":
        advice = "advice: a rootless engine (dockerd-rootless-setuptool.sh install) or userns-remap adds a wall"
        return Finding(NAME, "ok", f"{seen}; runs as root", advice, figures)
    return Finding(NAME, "ok", f"{seen}; {apart}", figures=figures)


async def storage(place: Place) -> Sequence[Finding]:
    """Driver, and free space where the engine keeps its images."""
    info = place.info or {}
    folder = str(info.get("DockerRootDir", ""))
    free: int | None = None
    if folder:
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(folder).free
    return [judge_storage(str(info.get("Driver", "")), folder, free)]


def judge_storage(driver: str, folder: str, free: int | None) -> Finding:
    """`free` in bytes, None where the folder cannot be seen from here."""
    name, figures = "storage", {"driver": driver, "free_bytes": free}
    if driver not in GOOD_DRIVERS:
        seen = f"the driver {driver or '?'} copies whole images: sandboxes start slowly and fill the disk"
        return Finding(name, "warn", seen, 'set "storage-driver": "overlay2" in /etc/docker/daemon.json', figures)
    if free is None:
        return Finding(
            name, "ok", f"{driver}; free space of {folder or 'the engine'} is not to be seen", figures=figures
        )
    if free < LEAST_FREE:
        seen = f"{driver}, only {free / 1e9:.1f} GB free at {folder}"
        return Finding(name, "warn", seen, "docker system prune (asks before it removes)", figures)
    return Finding(name, "ok", f"{driver}, {free / 1e9:,.0f} GB free at {folder}", figures=figures)


async def image(place: Place) -> Sequence[Finding]:
    """Is the image on this engine?"""
    found = await place.engine.image(place.image) if place.engine is not None else None
    place.image_there = found is not None
    if found is not None:
        size = found.get("Size")
        shown = f", {size / 1e6:,.0f} MB" if isinstance(size, int) else ""
        return [Finding("image", "ok", f"{place.image} is there{shown}")]
    default = place.image == DEFAULT_IMAGE
    mend = "qwright sandbox build" if default else f"docker pull {place.image}, or docker load"
    later = "; the first session would build it" if default else "; the first session would try to pull it"
    return [Finding("image", "warn", f"{place.image} is not on this engine{later}", mend)]


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # JSON of the engine


def _field(value: object, key: str) -> object:
    return value.get(key, "") if isinstance(value, dict) else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]  # JSON of the engine
