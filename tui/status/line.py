"""The status line: state of the turn on the left, model and meters on the right."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.timer import Timer
from textual.widgets import Static

from tui.conversation.words import seconds
from tui.model.safe import line
from tui.opened import Opened

if TYPE_CHECKING:
    from agent import events
    from agent.turn import Usage

_SEPARATOR = " · "


class StatusLine(Static):
    """Redrawn when something changes, and once a second only while something runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("", id="status", markup=False)
        self._clock = clock
        self._state = ""
        self._since = 0.0
        self._opened: Opened | None = None
        self._usage: Usage | None = None
        self._timer: Timer | None = None
        self._policy = ""
        self._mode = ""
        self._why = ""
        self._rate = 0.0

    def begin(self, state: str) -> None:
        """Something runs from now on; its seconds are counted."""
        self._state, self._since = state, self._clock()
        self._timer = self._timer or self.set_interval(1.0, self._draw)
        self._draw()

    def rest(self, state: str = "") -> None:
        """Nothing runs."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._state, self._since, self._why = state, 0.0, ""
        self._draw()

    def opened(self, opened: Opened) -> None:
        """The session is known."""
        self._opened = opened
        self._draw()

    def policy(self, name: str) -> None:
        """When the model thinks, from the next request on."""
        self._policy = name
        self._draw()

    def mode(self, name: str) -> None:
        """What the model may do without asking."""
        self._mode = name
        self._draw()

    def hear(self, event: "events.Event") -> None:
        """Take from an event what the line shows: counts of a finished step, and why the server is silent."""
        from agent import events

        match event:
            case events.Waiting(text):
                self._why = text
            case events.StepFinished(usage=usage):
                self._usage, self._why = usage, ""
                wrote_s = event.duration_s - event.first_token_s
                self._rate = usage.completion_tokens / wrote_s if wrote_s > 0 else 0.0
            case events.ReasoningDelta() | events.ContentDelta() | events.CallNamed():
                if not self._why:
                    return
                self._why = ""
            case _:
                return
        self._draw()

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        left = line(self._state)
        if self._since:
            left = f"{left} {seconds(self._clock() - self._since)}"
        if self._why and self._since:
            why = line(self._why)
            left = f"{left}{_SEPARATOR}{why if cell_len(left) + cell_len(why) < width - 3 else why.partition(' (')[0]}"
        text = Text(left)
        room = width - cell_len(left) - 2
        facts = [line(fact) for fact in self._facts()]
        while facts and cell_len(_SEPARATOR.join(facts)) > room:
            facts.pop()
        right = _SEPARATOR.join(facts)
        text.append(" " * max(room + 2 - cell_len(right), 0))
        text.append(right, style="dim")
        self.update(text)

    def _facts(self) -> list[str]:
        """What is known, in order of worth: where there is no room, the last ones are left out."""
        if self._opened is None:
            return []
        isolated = self._opened.sandbox.startswith("docker")
        facts = [] if isolated else ["no sandbox"]
        facts += [f"mode {self._mode}"] if self._mode else []
        if self._usage is not None and self._opened.context_tokens:
            full = self._usage.prompt_tokens + self._usage.completion_tokens
            facts.append(f"context {full * 100 // self._opened.context_tokens} %")
            if self._usage.cached_tokens is not None and self._usage.prompt_tokens:
                facts.append(f"cache {self._usage.cached_tokens * 100 // self._usage.prompt_tokens} %")
        if self._rate:
            facts.append(f"{self._rate:.0f} tokens/s")
        facts.append(f"thinking {self._policy or self._opened.thinking}")
        facts.append(self._opened.model.rpartition("/")[2])
        if isolated:
            facts.append(self._opened.sandbox.split(",", 1)[0])
        return facts
