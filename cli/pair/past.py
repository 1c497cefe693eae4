"""What a person asked on a project, kept for the next session: one JSON text a line, readable by the user alone."""

import fcntl
import hashlib
import json
import os
from pathlib import Path

from cli.paths import state_dir

MOST_KEPT = 2000
_MOST_CHARACTERS = 20_000


class PastRequests:
    """The history of one project. Several sessions may write at the same time."""

    def __init__(self, project: str, directory: Path | None = None) -> None:
        name = hashlib.sha256(project.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self.path = (directory or state_dir() / "history") / f"{Path(project).name[:40] or 'root'}-{name}.jsonl"

    def read(self) -> list[str]:
        """From the oldest to the newest; lines that a crash cut are passed over."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        return [text for text in map(_text, lines[-MOST_KEPT:]) if text]

    def add(self, text: str) -> None:
        """Append one. Raises `OSError`."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps(text[:_MOST_CHARACTERS]).encode() + b"\n"
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.write(file, line)
        finally:
            os.close(file)
        self._shorten()

    def _shorten(self) -> None:
        """Keep the newest half of what may be kept once there is twice as much."""
        with self.path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = file.readlines()
            if len(lines) > 2 * MOST_KEPT:
                file.seek(0)
                file.writelines(lines[-MOST_KEPT:])
                file.truncate()


def _text(line: str) -> str:
    try:
        value: object = json.loads(line)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
