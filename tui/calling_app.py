"""The part of the app that knows whether somebody looks at it, and calls them when they do not."""

import asyncio
import signal
from typing import TYPE_CHECKING

from tui.calling import Attention, sequence, told
from tui.safe_app import SafeApp
from tui.themes.names import Look

if TYPE_CHECKING:
    from agent.events import TurnStatus


class CallingApp(SafeApp[int]):
    """Remembers the terminal's focus reports. `look` holds how to call, and after how long a turn."""

    look: Look

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()

    def on_mount(self) -> None:
        """Whoever comes back by `fg` finds the whole screen."""
        self.app_resume_signal.subscribe(self, self._drawn_whole)  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result

        if not self.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._told_to_end)

    def _told_to_end(self) -> None:
        """Leave the terminal as it was found; a second signal ends the process at once."""
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        self.run_worker(self.end(128 + signal.SIGTERM), group="end")

    async def end(self, code: int) -> None:
        """Close what is open, then the screen."""
        self.exit(code)

    def _drawn_whole(self, _: object) -> None:
        self.refresh(layout=True)

    def on_app_focus(self) -> None:
        """The terminal says that its window is looked at."""
        self.attention.focused = True

    def on_app_blur(self) -> None:
        """The terminal says that it is not."""
        self.attention.focused = False

    def call_person(self, status: "TurnStatus", seconds: float, request: str, *, typed: bool) -> None:
        """A turn ended or waits; whoever looks elsewhere is called when it took long, or cannot go on without them."""
        text = told(self.title, status, request)
        waits = status == "waiting" and self.attention.focused is False
        if text and (waits or seconds >= self.look.notify_seconds) and self.attention.away(typed=typed):
            self.send_to_terminal(sequence(self.look.notify, text))

    def send_to_terminal(self, data: str) -> None:
        """Past the screen; Textual has no other way for sequences of one's own."""
        if data and self._driver is not None:
            self._driver.write(data)
            self._driver.flush()
