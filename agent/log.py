"""The session log: everything that was said, decided, run and counted, once, in order, never changed.

One SQLite file per session (WAL; an entry survives kill -9 as soon as `append` returns; long entries are compressed,
`qwright sessions export` reads them). Resume, replay, export and the
statistics read nothing else. LangGraph's checkpoints stand beside it in the same file and hold only counters.
"""

import json
import sqlite3
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast

from agent.json_types import JsonObject, JsonValue, as_object
from agent.rewinding.standing import Mark, holes, taken_back

EntryKind: TypeAlias = Literal[
    "session",
    "system",
    "user",
    "mode",
    "assistant",
    "fault",
    "nudge",
    "remark",
    "steer",
    "check",
    "call",
    "result",
    "approval",
    "compaction",
    "snapshot",
    "rewind",
    "redo",
    "end",
    "failure",
]

# The interval keeps the write-ahead log near 2 MB.
_PRAGMAS = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=512;
"""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS checkpoints (
    id TEXT PRIMARY KEY, parent TEXT, type TEXT NOT NULL, data BLOB NOT NULL, meta_type TEXT NOT NULL,
    meta BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS writes (
    checkpoint TEXT NOT NULL, task TEXT NOT NULL, idx INTEGER NOT NULL, channel TEXT NOT NULL, type TEXT NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (checkpoint, task, idx)
);
"""


# Below this a compressed entry is hardly smaller. JSON begins with "{", so the first byte tells the two apart.
_LEAST_PACKED = 200


def _pack(text: bytes) -> bytes:
    return zlib.compress(text, 1) if len(text) >= _LEAST_PACKED else text


def _unpacked(data: bytes) -> JsonObject:
    return as_object(json.loads(data if data.startswith(b"{") else zlib.decompress(data)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: when (Unix seconds), at which step of the session, what."""

    id: int
    kind: EntryKind
    step: int
    time: float
    data: JsonObject


class SessionLog:
    """An open log. Calls take microseconds and run on the caller's thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self._gone: tuple[range, ...] | None = None

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "SessionLog":
        """Open or create the file. Raises `FileNotFoundError` or `sqlite3.DatabaseError` for what is no log."""
        if not create and not path.is_file():
            raise FileNotFoundError(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(f"{_PRAGMAS}{_SCHEMA}")
        return cls(path, connection)

    def append(self, kind: EntryKind, step: int, data: JsonObject) -> int:
        """Write one entry; returns its id."""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        packed = _pack(text.encode("utf-8", "replace"))
        cursor = self.connection.execute(
            "INSERT INTO entries (kind, step, time, data) VALUES (?, ?, ?, ?)",
            (kind, step, time.time(), packed),
        )
        if kind in ("rewind", "redo"):
            self._gone = None
        return cast("int", cursor.lastrowid)

    def entries(self, *kinds: EntryKind, after: int = 0) -> Iterator[Entry]:
        """Entries in order; of these kinds if any are named."""
        wanted = f"AND kind IN ({','.join('?' * len(kinds))})" if kinds else ""
        rows = self.connection.execute(
            f"SELECT id, kind, step, time, data FROM entries WHERE id > ? {wanted} ORDER BY id",  # only "?"
            (after, *kinds),
        )
        for row_id, kind, step, at, data in rows:
            yield Entry(row_id, kind, step, at, _unpacked(data))

    def last(self, *kinds: EntryKind) -> Entry | None:
        """The newest entry of these kinds."""
        row = self.connection.execute(
            f"SELECT id, kind, step, time, data FROM entries WHERE kind IN ({','.join('?' * len(kinds))}) "  # only "?"
            "ORDER BY id DESC LIMIT 1",
            kinds,
        ).fetchone()
        if row is None:
            return None
        row_id, kind, step, at, data = row
        return Entry(row_id, kind, step, at, _unpacked(data))

    def marks(self) -> list[Mark]:
        """All that decides what stands after rewinds."""
        return [Mark(entry.id, entry.kind, entry.data) for entry in self.entries("rewind", "redo", "user")]

    def standing(self, *kinds: EntryKind, after: int = 0) -> Iterator[Entry]:
        """Entries in order without those that a rewind took back; see `agent.rewinding.standing`."""
        gone = self._taken_back()
        return (entry for entry in self.entries(*kinds, after=after) if not taken_back(entry.id, gone))

    def last_standing(self, *kinds: EntryKind) -> Entry | None:
        """The newest entry of these kinds that no rewind took back."""
        newest = self.last(*kinds)
        if newest is None or not taken_back(newest.id, self._taken_back()):
            return newest
        found = None
        for entry in self.standing(*kinds):
            found = entry
        return found

    def _taken_back(self) -> tuple[range, ...]:
        if self._gone is None:
            rewinds = self.entries("rewind", "redo")
            self._gone = holes(Mark(entry.id, entry.kind, entry.data) for entry in rewinds)
        return self._gone

    def newest(self) -> int:
        """Id of the newest entry, 0 in an empty log."""
        row = self.connection.execute("SELECT max(id) FROM entries").fetchone()
        return cast("int", row[0] or 0)

    def meta(self) -> JsonObject:
        """The session's own description, written when it began."""
        entry = self.last("session")
        return entry.data if entry else {}

    def update_meta(self, **values: JsonValue) -> None:
        """A new description with these values changed; earlier ones stay in the log."""
        self.append("session", 0, {**self.meta(), **values})

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
