"""The output folder: per instance what became of it, and the predictions of all. Every file is replaced in one step."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.json_types import JsonObject, JsonValue
from jobs.batch.errors import BatchError
from jobs.batch.figures import Figures

ExitStatus: TypeAlias = Literal["running", "submitted", "limit", "failed", "infra", "crashed"]
Aside: TypeAlias = Literal["infra", "crashed"]


class Status(BaseModel):
    """`status.json` of an instance. `detail` is the sentence that says how it ended; seconds are wall time.

    `seconds` add up over calls that were interrupted or killed; in them are `setup_s` until the sandbox was ready,
    `paused_s` of pauses between tries, and `lost_s` of tries that the infrastructure ended. `began_at` is the Unix time
    of the start whose end is not recorded yet, else 0. `image_id` and `image_digests` are of the image that the
    container was really made from, `seed` is the one that its requests carried.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    instance_id: str
    exit_status: ExitStatus
    session_id: str
    attempts: int = 1
    detail: str = ""
    steps: int = 0
    patch_bytes: int = 0
    seconds: float = 0.0
    setup_s: float = 0.0
    paused_s: float = 0.0
    lost_s: float = 0.0
    began_at: float = 0.0
    image: str = ""
    image_id: str = ""
    image_digests: tuple[str, ...] = ()
    seed: int | None = None
    figures: Figures = Figures()

    def image_told(self) -> JsonObject:
        """The image for `run.json`."""
        return {"image": self.image, "id": self.image_id, "digests": list[JsonValue](self.image_digests)}


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """One instance's folder: `status.json`, `patch.diff`, `trajectory.md`, `session/` (log and snapshots), `infra-N/`.

    Each `infra-N/` is a session that the infrastructure ended, each `crashed-N/` one that a fault of ours did.
    """

    path: Path

    @property
    def session(self) -> Path:
        """Folder of the session log and of the workspace's snapshots."""
        return self.path / "session"

    @property
    def log(self) -> Path:
        """The session log."""
        return self.session / "log.sqlite"

    @property
    def trajectory(self) -> Path:
        """The session as a person reads it."""
        return self.path / "trajectory.md"

    @property
    def crash(self) -> Path:
        """The traceback of a crash of ours."""
        return self.path / "crash.txt"

    def status(self) -> Status | None:
        """What became of it, None when it was never begun. Raises `BatchError` for a file that is none of ours."""
        path = self.path / "status.json"
        try:
            return Status.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise BatchError(f"{path} cannot be read; remove {self.path} to run the instance anew.") from error

    def finish(self, status: Status, patch: bytes) -> None:
        """Record the end: the patch first, so that a status never speaks of a patch that is not there."""
        replace_file(self.path / "patch.diff", patch)
        self.record(status)

    def record(self, status: Status) -> None:
        """Write the status."""
        replace_file(self.path / "status.json", status.model_dump_json(indent=1).encode() + b"\n")

    def patch(self) -> bytes:
        """The patch, empty when there is none."""
        path = self.path / "patch.diff"
        return path.read_bytes() if path.is_file() else b""

    def set_aside(self, why: Aside = "infra") -> None:
        """Keep the session of an attempt that ended so, out of the way of the next."""
        aside = self.next_aside(why)
        if self.session.is_dir():
            self.session.rename(aside)
        if self.crash.is_file():
            aside.mkdir(exist_ok=True)
            self.crash.replace(aside / self.crash.name)

    def next_aside(self, why: Aside) -> Path:
        """The folder for the next session that is set aside."""
        return self.path / f"{why}-{sum(1 for _ in self.path.glob(f'{why}-*')) + 1}"

    def clear(self) -> None:
        """Drop a session that never got as far as to be continued."""
        shutil.rmtree(self.session, ignore_errors=True)


def is_finished(status: Status | None) -> bool:
    """Whether there is a prediction; what was interrupted, crashed or was ended by the infrastructure runs again."""
    return status is not None and status.exit_status in ("submitted", "limit", "failed")


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
