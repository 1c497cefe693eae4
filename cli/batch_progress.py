"""How a batch tells how far it is: a live view on a terminal, plain lines elsewhere, or events for programs."""

import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal, TextIO, TypeAlias

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
        told = files.enter_context(events.open("a", encoding="utf-8")) if events else None

        def watch(progress: Progress, event: Happened) -> None:
            if told is not None:
                _emit(told, progress, event)

        match form_of(asked):
            case "live":
                from cli.batch_live import live

                async with live(view) as shown:

                    def both(progress: Progress, event: Happened) -> None:
                        watch(progress, event)
                        shown.heard(progress, event)

                    progress = shown.progress = Progress(total, _unsaid, both)
                    yield progress
            case "json":
                told = told or sys.stdout
                yield Progress(total, say, watch)
            case _:
                yield Progress(total, say, watch)


def _unsaid(line: str) -> None:
    """The live view shows it."""


def _emit(out: TextIO, progress: Progress, event: Happened) -> None:
    print(json.dumps(event.as_json(progress)), file=out, flush=True)
