"""The list of completions above the editor. It never takes the focus: the editor hands it the keys."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from tui.model.safe import line
from tui.prompt.completion import Choice, Wanted

SHOWN = 8


class Popup(Static):
    """Choices with one of them marked; hidden when there are none. `at_once` finds those that need no search."""

    def __init__(self, at_once: Callable[[Wanted], Sequence[Choice]] = lambda _: ()) -> None:
        super().__init__("", markup=False, classes="popup")
        self._at_once = at_once
        self._what: Wanted | None = None
        self._choices: Sequence[Choice] = ()
        self._at = 0
        self.display = False

    @property
    def open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self._choices)

    @property
    def chosen(self) -> Choice | None:
        """The marked choice."""
        return self._choices[self._at] if self._choices else None

    def choice_for(self, what: Wanted | None) -> Choice | None:
        """The marked choice, if the list was made for this text.

        A key may come before the list for what was typed last: then the first choice that is known at once.
        """
        if what == self._what or what is None:
            return self.chosen if what else None
        return next(iter(self._at_once(what)), None)

    @property
    def text(self) -> str:
        """All choices, a line each."""
        return "\n".join(f"{choice.title} {choice.help}".rstrip() for choice in self._choices)

    def offer(self, choices: Sequence[Choice], what: Wanted | None = None) -> None:
        """Show these, the first one marked; `what` is the text that they were found for."""
        self._choices, self._at, self._what = choices, 0, what
        self.display = bool(choices)
        self._draw()

    def move(self, by: int) -> None:
        """Mark another one; behind the last comes the first."""
        if self._choices:
            self._at = (self._at + by) % len(self._choices)
            self._draw()

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self._draw()

    def _draw(self) -> None:
        if not self._choices:
            return
        first = max(0, min(self._at - SHOWN // 2, len(self._choices) - SHOWN))
        shown = self._choices[first : first + SHOWN]
        table = Table.grid(padding=(0, 2), expand=True)
        titles = [line(choice.title) for choice in shown]
        widest = max(cell_len(title) for title in titles)
        room = max(self.content_size.width - 2, 20)
        wide = min(widest, room if not any(choice.help for choice in shown) else room * 2 // 3)
        table.add_column(width=wide, no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        for number, (choice, title) in enumerate(zip(shown, titles, strict=True), first):
            style = "reverse" if number == self._at else ""
            table.add_row(Text(_end_of(title, wide), style), Text(line(choice.help), "dim"))
        left = len(self._choices) - len(shown)
        self.border_subtitle = f"{left} more" if left else ""
        self.update(table)


def _end_of(text: str, width: int) -> str:
    """The whole text, or its end: of a long path the name is what counts."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[1:]
    return set_cell_size(f"…{text}", width)
