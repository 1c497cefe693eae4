"""LangGraph checkpoints inside the session log's file.

The stock SQLite saver costs 2 ms a superstep and 0.3 s of imports, and keeps every checkpoint; this one writes one
small row on the log's own connection and keeps the newest: history lives in the log
(docs/decisions/0002-checkpoints.md).
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent.log import SessionLog


class LogCheckpointer(BaseCheckpointSaver[int]):
    """One thread, one namespace: a session is one graph."""

    def __init__(self, log: SessionLog) -> None:
        super().__init__(serde=JsonPlusSerializer(allowed_msgpack_modules=[("agent.state", "TurnState")]))
        self._db = log.connection

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest checkpoint, or the one that the configuration names if it is the newest."""
        row = self._db.execute(
            "SELECT id, parent, type, data, meta_type, meta FROM checkpoints ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        checkpoint_id, parent, kind, data, meta_kind, meta = row
        writes = self._db.execute(
            "SELECT task, channel, type, data FROM writes WHERE checkpoint = ? ORDER BY task, idx", (checkpoint_id,)
        ).fetchall()
        return CheckpointTuple(
            config=_config(config, checkpoint_id),
            checkpoint=cast("Checkpoint", self.serde.loads_typed((kind, data))),
            metadata=cast("CheckpointMetadata", self.serde.loads_typed((meta_kind, meta))),
            parent_config=_config(config, parent) if parent else None,
            pending_writes=[(task, channel, self.serde.loads_typed((t, d))) for task, channel, t, d in writes],
        )

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint and drop the ones before it, in one transaction."""
        kind, data = self.serde.dumps_typed(checkpoint)
        meta_kind, meta = self.serde.dumps_typed(metadata)
        parent = config.get("configurable", {}).get("checkpoint_id")
        self._db.execute("BEGIN")
        try:
            self._db.execute(
                "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)",
                (checkpoint["id"], parent, kind, data, meta_kind, meta),
            )
            # Ids are times, and clocks are set back: the one that was put last counts, not the one with the largest id.
            self._db.execute("DELETE FROM checkpoints WHERE id <> ?", (checkpoint["id"],))
            self._db.execute("DELETE FROM writes WHERE checkpoint <> ?", (checkpoint["id"],))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return _config(config, checkpoint["id"])

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, object]], task_id: str, task_path: str = ""
    ) -> None:
        """Store interrupts and their answers.

        An ordinary result is followed at once by the checkpoint that holds it, and a node that is run again finds what
        it did in the log: writing it twice would only cost time.
        """
        if not any(channel in WRITES_IDX_MAP for channel, _ in writes):
            return
        checkpoint_id = config.get("configurable", {})["checkpoint_id"]
        rows = [
            (checkpoint_id, task_id, WRITES_IDX_MAP.get(channel, number), channel, *self.serde.dumps_typed(value))
            for number, (channel, value) in enumerate(writes)
        ]
        self._db.executemany("INSERT OR REPLACE INTO writes VALUES (?, ?, ?, ?, ?, ?)", rows)

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: Mapping[str, object] | None = None,  # LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """The one checkpoint there is."""
        if found := self.get_tuple(config or {}):
            yield found

    def delete_thread(self, thread_id: str) -> None:
        """Forget all checkpoints."""
        self._db.executescript("DELETE FROM checkpoints; DELETE FROM writes;")

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See `get_tuple`."""
        return self.get_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """See `put`."""
        return self.put(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, object]], task_id: str, task_path: str = ""
    ) -> None:
        """See `put_writes`."""
        self.put_writes(config, writes, task_id, task_path)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # LangGraph's name and type
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """See `list`."""
        for found in self.list(config, filter=filter, before=before, limit=limit):
            yield found

    def get_next_version(self, current: int | None, channel: None) -> int:
        """Channel versions count up."""
        return (current or 0) + 1


def _config(base: RunnableConfig, checkpoint_id: str) -> RunnableConfig:
    known = base.get("configurable", {})
    return {
        "configurable": {
            "thread_id": known.get("thread_id", ""),
            "checkpoint_ns": known.get("checkpoint_ns", ""),
            "checkpoint_id": checkpoint_id,
        }
    }
