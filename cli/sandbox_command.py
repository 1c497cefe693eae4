"""`qwright sandbox`: build the default image; list containers, or remove those that were left behind."""

import asyncio
import sys
import time
from argparse import Namespace
from collections.abc import Coroutine, Sequence
from typing import TypeVar

from cli import exit_codes
from cli.errors import CommandError
from cli.printing import one_line, printable
from cli.progress import Progress
from sandboxes import docker
from sandboxes.container import reap as docker_reap
from sandboxes.container.image_build import DEFAULT_IMAGE, build_default_image
from sandboxes.container.reap import SandboxRow
from sandboxes.errors import SandboxError

T = TypeVar("T")
_HEAD = ("CONTAINER", "SESSION", "IMAGE", "STATE", "AGE", "OWNER")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def execute(options: Namespace) -> int:
    """See `cli.parser`. An engine that does not answer or refuses ends with exit code 4."""
    match options.action:
        case "build":
            _done(_build())
        case "prune":
            _prune(_done(docker_reap.prune() if options.all else docker_reap.reap()))
        case _:
            _list(*_done(_look()))
    return exit_codes.DONE


def _done(work: Coroutine[object, object, T]) -> T:
    try:
        return asyncio.run(work)
    except SandboxError as error:
        raise CommandError(str(error), exit_codes.SANDBOX) from error


async def _build() -> None:
    with Progress(sys.stdout) as progress:
        await build_default_image(progress)
    size = await _image_size()
    print(f"The image {DEFAULT_IMAGE} is ready{f', {size / 1e6:,.0f} MB' if size else ''}.")


async def _look() -> tuple[list[SandboxRow], bool]:
    """Containers, and whether the default image is there."""
    return await docker_reap.list_sandboxes(), await _image_size() is not None


async def _image_size() -> int | None:
    """Bytes of the default image, None when it is not built."""
    engine = await docker.connect()
    try:
        found = await engine.image(DEFAULT_IMAGE)
    finally:
        await engine.close()
    size = found.get("Size", 0) if found is not None else None
    return size if isinstance(size, int) else None


def _list(rows: Sequence[SandboxRow], built: bool) -> None:
    if rows:
        now = time.time()
        print(table([_HEAD, *(cells(row, now) for row in rows)]))
        if any(row.owner_lives is False for row in rows):
            print("\nContainers whose owner is gone are removed by `qwright sandbox prune`, or at the next start.")
    else:
        print("No containers of qwright on this engine.")
    if not built:
        print(f"\nThe default image {DEFAULT_IMAGE} is not built yet; `qwright sandbox build` makes it.")


def _prune(removed: Sequence[SandboxRow]) -> None:
    for row in removed:
        print(f"removed {row.container[:12]}  session {printable(row.session_id) or '-'}")
    print("Nothing to remove." if not removed else f"{len(removed)} removed.")


def cells(row: SandboxRow, now: float) -> tuple[str, ...]:
    """One container as texts under `_HEAD`; `now` in seconds since 1970."""
    owner = {True: "running", False: "gone", None: "elsewhere"}[row.owner_lives]
    texts = (row.container[:12], row.session_id or "-", row.image, row.state, age(now - row.created), owner)
    return tuple(one_line(text, 48) for text in texts)


def age(seconds: float) -> str:
    """A time span in its largest unit, rounded down."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns, two blanks apart."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
