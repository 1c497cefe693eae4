"""An instance's folder as bytes, to be sent to another machine and back."""

import io
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from jobs.batch.store import InstanceFolder

_STATUS = "status.json"


def pack(folder: InstanceFolder) -> bytes:
    """Status, patch and session of an instance: what another machine needs to go on."""
    return _packed(folder, [_STATUS, "patch.diff", folder.session.name])


def pack_all(folder: InstanceFolder) -> bytes:
    """All that a run leaves, with the sessions of attempts that the infrastructure ended; a clone is left behind."""
    return _packed(folder, [path.name for path in sorted(folder.path.iterdir()) if path.name != "repository"])


def _packed(folder: InstanceFolder, names: Iterable[str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", compresslevel=1) as tar:
        for name in names:
            if (folder.path / name).exists():
                tar.add(folder.path / name, name)
    return data.getvalue()


def unpack(data: bytes, folder: InstanceFolder) -> None:
    """Put a parcel's content into the folder, the status last, so that it never speaks of what is not there yet.

    Raises `tarfile.TarError` or `OSError`. Nothing is written outside the folder, whatever the parcel says.
    """
    part = folder.path / ".parcel"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        tar.extractall(part, filter="data")
    for path in sorted(part.iterdir(), key=lambda it: it.name == _STATUS):
        _replace(path, _free_place(folder, path.name))
    part.rmdir()


def _free_place(folder: InstanceFolder, name: str) -> Path:
    """Sessions set aside elsewhere are numbered from 1; those that are here already keep their numbers."""
    target = folder.path / name
    for why in ("infra", "crashed"):
        if name.startswith(f"{why}-") and target.exists():
            return folder.next_aside(why)
    return target


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    source.replace(target)
