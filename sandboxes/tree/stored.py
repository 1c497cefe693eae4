"""A session's result, read from its private store alone: no sandbox, no container."""

from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.shadow import LIVE_REF, ShadowStore
from sandboxes.tree.state import load_state


async def stored_patch(directory: Path) -> bytes:
    """The patch from the start to the last snapshot. Raises `WorkspaceError` when the store holds none."""
    state, _ = load_state(directory)
    store = ShadowStore(directory)
    live = await store.resolve(LIVE_REF)
    if live is None:
        raise WorkspaceError(f"There is no snapshot in {directory}; the session ended before its first one.")
    return await store.patch(state.base, live.commit)
