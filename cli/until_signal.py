"""Work that a signal ends as it should: by cancellation, with everything tidied up."""

import asyncio
import signal
from collections.abc import Coroutine

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def until_signal(work: Coroutine[object, object, None]) -> bool:
    """Run; True when a signal ended it. Its containers are gone then, what it has recorded stays."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(work)
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return True
    finally:
        for number in _ENDING_SIGNALS:
            loop.remove_signal_handler(number)
    return False
