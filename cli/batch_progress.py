"""How a batch tells how far it is: a live view on a terminal, plain lines elsewhere, or events for programs."""

import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

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
    asked: Form, total: int, view: ServerView, say: Callable[[str], None]
) -> AsyncGenerator[Progress]:
    """The progress of a batch of `total` runs, told until the context ends. Events go to standard output."""
    match form_of(asked):
        case "live":
            from cli.batch_live import live

            async with live(view) as shown:
                progress = shown.progress = Progress(total, _unsaid, shown.heard)
                yield progress
        case "json":
            yield Progress(total, say, _emit)
        case _:
            yield Progress(total, say)


def _unsaid(line: str) -> None:
    """The live view shows it."""


def _emit(progress: Progress, event: Happened) -> None:
    print(json.dumps(event.as_json(progress)), flush=True)
