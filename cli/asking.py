"""Questions of the model to the person at the terminal: asked on standard error, answered on a line of input."""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from cli.printing import has_cursor, painted, wants_colour

# A terminal hands over one line at a time; Linux allows it 4,096 bytes.
_LINE_BYTES = 65_536


def somebody_is_there(source: TextIO, out: TextIO) -> bool:
    """Whether a person can read a question on `out` and type at `source`, with this program in the foreground."""
    if not (source.isatty() and has_cursor(out)):
        return False
    try:
        return os.tcgetpgrp(source.fileno()) == os.getpgrp()
    except OSError:
        # A terminal that does not control this program never stops a reader.
        return True


def typed_line(source: TextIO) -> asyncio.Future[str]:
    """The next line, as a future that can be cancelled; "" at the end of the input (Ctrl-D)."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()
    descriptor = source.fileno()

    def ready() -> None:
        # Not through the stream: what it kept of a second line would never wake the loop.
        if not line.done():
            line.set_result(os.read(descriptor, _LINE_BYTES).decode("utf-8", "replace"))

    loop.add_reader(descriptor, ready)
    line.add_done_callback(lambda _: loop.remove_reader(descriptor))
    return line


def prompt(options: Sequence[str], out: TextIO) -> None:
    """Say how to answer the question that stands above."""
    how = "a number, or your own words" if options else "your answer"
    out.write(f"   {painted('dim', f'({how}; an empty line leaves it to the model)', wants_colour(out))} > ")
    out.flush()


def chosen(text: str, options: Sequence[str]) -> str:
    """The answer that was typed: an option for its number, anything else as it is."""
    said = text.strip()
    if said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= len(options):
        return options[int(said) - 1]
    return said


class Person:
    """Whoever sits at the terminal. `cancel` ends the question that waits."""

    def __init__(self, source: TextIO | None = None, out: TextIO | None = None) -> None:
        self._source = source or sys.stdin
        self._out = out or sys.stderr
        self._line: asyncio.Future[str] | None = None
        self._ended = False

    async def answer(self, options: Sequence[str]) -> str | None:
        """What the person says to the question above; None when Ctrl-C came instead."""
        prompt(options, self._out)
        self._line = typed_line(self._source)
        try:
            return chosen(await self._line, options)
        except asyncio.CancelledError:
            if self._ended:
                return None
            raise
        finally:
            self._line = None

    def cancel(self) -> bool:
        """End the question; False when none waits."""
        if self._line is None:
            return False
        self._ended = True
        return self._line.cancel()
