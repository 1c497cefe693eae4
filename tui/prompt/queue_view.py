"""Requests that wait for the running turn, above the editor."""

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from tui.model.safe import line

SHOWN = 4
_WIDEST = 400


class QueueView(Static):
    """One line each; remarks that the running turn will read at its next step stand first."""

    def __init__(self) -> None:
        super().__init__("", markup=False, classes="queue")
        self.display = False

    def show(self, remarks: Sequence[str], requests: Sequence[str]) -> None:
        """Draw what waits."""
        lines = [f"↳ next step: {_one_line(text)}" for text in remarks]
        lines += [f"{number}. queued: {_one_line(text)}" for number, text in enumerate(requests, 1)]
        self.display = bool(lines)
        left = len(lines) - SHOWN
        if left > 0:
            lines = [*lines[:SHOWN], f"… {left} more"]
        self.update(Text("\n".join(lines), no_wrap=True, overflow="ellipsis"))


def _one_line(text: str) -> str:
    return line(text[:_WIDEST])
