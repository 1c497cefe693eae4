"""What "always" shall mean: for each part of the call exactly this, a pattern, or nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from tui.approval.words import keys_text, rule_lines
from tui.model.safe import revealed

if TYPE_CHECKING:
    from agent.permissions.suggest import Suggestion

_KEYS = (("Space", "change"), ("s", "for this session"), ("p", "for this project"), ("Esc", "back"))


class Always(Static):
    """One row for each part; Space changes the row, Up and Down move."""

    def __init__(self, offered: "Sequence[Suggestion]") -> None:
        super().__init__("", markup=False, classes="always")
        self._offered = offered
        self._chosen = [0] * len(offered)
        self._at = 0

    def on_resize(self) -> None:
        """Exactly this, for every part, until it is changed; the keys in lines of the new width."""
        self._draw()

    @property
    def lines(self) -> list[str]:
        """The chosen rules as they will be written."""
        chosen = zip(self._offered, self._chosen, strict=True)
        return [line for one, number in chosen if (line := rule_lines(one)[number])]

    def turn(self, key: str) -> None:
        """A key was pressed."""
        if key in ("up", "down", "k", "j") and self._offered:
            self._at = (self._at + (1 if key in ("down", "j") else -1)) % len(self._offered)
        elif key in ("space", "left", "right") and self._offered:
            options = len(rule_lines(self._offered[self._at]))
            self._chosen[self._at] = (self._chosen[self._at] + (-1 if key == "left" else 1)) % options
        self._draw()

    def _draw(self) -> None:
        text = Text("From now on without asking:\n", "bold")
        for number, one in enumerate(self._offered):
            line = rule_lines(one)[self._chosen[number]]
            kind = "nothing" if not line else "pattern" if line == one.pattern else "exactly"
            text.append("> " if number == self._at else "  ")
            text.append(f"{kind:8}", "cyan" if line else "dim")
            text.append(f" {revealed(line or one.part)}\n", "" if line else "dim")
        text.append_text(keys_text(_KEYS, self.size.width))
        self.update(text)
