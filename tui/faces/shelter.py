"""Where an error that nobody expected becomes one that can be shown. The app's one broad catch."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from tui.host import HostFailed

T = TypeVar("T")
_logger = logging.getLogger(__name__)


async def sheltered(work: Awaitable[T]) -> T:
    """The work's result; raises `HostFailed` for every error."""
    try:
        return await work
    except HostFailed as failed:
        _logger.warning("the host failed", exc_info=failed)
        raise
    except Exception as crash:  # a front shows an error
        _logger.exception("crash")
        told = f"{type(crash).__name__}: {crash}"[:400]
        raise HostFailed(f"{told}. The traceback is in {_log_file()}; the session is kept.", "crash") from crash


def _log_file() -> str:
    handlers = logging.getLogger().handlers
    return next((handler.baseFilename for handler in handlers if isinstance(handler, logging.FileHandler)), "no file")
