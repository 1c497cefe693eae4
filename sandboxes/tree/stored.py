"""A session's result, read from its private store alone: no sandbox, no container."""

import sys
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.patching import Sieve
from sandboxes.tree.shadow import LIVE_REF, ShadowStore
from sandboxes.tree.state import load_state


async def stored_patch(directory: Path) -> bytes:
    """The whole patch from the start to the last snapshot, of any size; raises `WorkspaceError` without one."""
    state, _ = load_state(directory)
    store = ShadowStore(directory)
    live = await store.resolve(LIVE_REF)
    if live is None:
        raise WorkspaceError(f"There is no snapshot in {directory}; the session ended before its first one.")
    sieve = Sieve(file_bytes=sys.maxsize, patch_bytes=sys.maxsize)
    await store.patch(state.base, live.commit, sieve)
    return sieve.finish()[0]
