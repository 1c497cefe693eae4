"""How a batch tells how far it is: a live view on a terminal, plain lines elsewhere, or events for programs."""

import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, TextIO, TypeAlias

from cli.errors import UsageError
from jobs.batch.progress import Happened, Progress
from serving.view import ServerView

Form: TypeAlias = Literal["auto", "live", "plain", "json"]


def form_of(asked: Form) -> Form:
    """What "auto" is here: live on a terminal that can be drawn on, plain in CI and in files."""
    if asked != "auto":
        return asked
    drawable = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI")
    return "live" if drawable else "plain"


@asynccontextmanager
async def progress_over(
    asked: Form, total: int, view: ServerView, say: Callable[[str], None], events: Path | None = None
) -> AsyncGenerator[Progress]:
    """The progress of a batch of `total` runs, told until the context ends. Raises `OSError`.

    Events are added to the file `events`, whatever the form; the form "json" has them on standard output.
    """
    with ExitStack() as files:
        told = events.open("a", encoding="utf-8") if events else None
        if told is not None:
            files.callback(_close, told)
        match form_of(asked):
            case "live":
                from cli.batch.live import live

                heard = Events(told, say).tell
                async with live(view) as shown:

                    def both(progress: Progress, event: Happened) -> None:
                        heard(progress, event)
                        shown.heard(progress, event)

                    progress = shown.progress = Progress(total, _unsaid, both)
                    yield progress
            case "json":
                yield Progress(total, say, Events(told or sys.stdout, say).tell)
            case _:
                yield Progress(total, say, Events(told, say).tell)


class Events:
    """Writes events to `out`, one JSON object a line; to nowhere where that is None.

    A disk that is full or a reader that is gone is told once: it is no failure of the instance that something happened
    to.
    """

    def __init__(self, out: TextIO | None, say: Callable[[str], None]) -> None:
        self._out = out
        self._say = say

    def tell(self, progress: Progress, event: Happened) -> None:
        """Write one."""
        if self._out is None:
            return
        try:
            print(json.dumps(event.as_json(progress)), file=self._out, flush=True)
        except OSError as error:
            self._out = None
            self._say(f"Events are written no longer ({error}); the batch goes on.")


def check_events(events: Path | None) -> None:
    """Raises `UsageError` where no events can be written."""
    try:
        if events is not None:
            events.open("a", encoding="utf-8").close()
    except OSError as error:
        raise UsageError(f"--events: {events} cannot be written ({error.strerror}).") from error


def _close(out: TextIO) -> None:
    # On a full disk the last words are lost, and that is told already.
    with suppress(OSError):
        out.close()


def _unsaid(line: str) -> None:
    """The live view shows it."""
