"""Ctrl-C before a command has begun and after it has ended: the process leaves at once, without a traceback.

In between the command itself decides: a turn ends its step and keeps the session (`cli.turn`), others are cut short.
"""

import os
import signal
from collections.abc import Callable, Sequence

INTERRUPTED = 130


def as_process(arguments: Sequence[str]) -> int:
    """Run the process's command line; returns the exit code."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background: whoever did that wants no interrupts.
        return _dispatch(arguments, lambda: None)
    # Nothing is open yet that would have to be closed, and an interrupt within an import is a traceback.
    signal.signal(signal.SIGINT, _leave)
    code = _dispatch(arguments, lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    # All is done and told; the interpreter's own end would complain of an interrupt.
    signal.signal(signal.SIGINT, _leave)
    return code


def _dispatch(arguments: Sequence[str], before: Callable[[], object]) -> int:
    from cli.dispatch import dispatch

    return dispatch(arguments, before)


def _leave(number: int, frame: object) -> None:
    del number, frame
    os._exit(INTERRUPTED)
