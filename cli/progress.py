"""Lines of a long piece of work: one that is overwritten on a terminal, all of them elsewhere."""

import shutil
from dataclasses import dataclass
from typing import TextIO

from cli.printing import one_line

_CLEAR = "\r\x1b[2K"


@dataclass(frozen=True, slots=True)
class Progress:
    """Used as a context manager: at its end the terminal's line is empty again."""

    out: TextIO

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        if self.out.isatty():
            self.out.write(_CLEAR)
            self.out.flush()

    def __call__(self, line: str) -> None:
        """Show a line."""
        if self.out.isatty():
            # A line that wraps could not be overwritten.
            room = max(shutil.get_terminal_size().columns - 4, 20)
            self.out.write(f"{_CLEAR}  \x1b[2m{one_line(line, room)}\x1b[0m")
        else:
            self.out.write(f"  {one_line(line)}\n")
        self.out.flush()
