"""The list of sessions as an app of its own, for `qwright -r`: it ends with the id that was picked, or None."""

from collections.abc import Sequence

from tui.past.host import SessionLine
from tui.past.sessions import picker
from tui.safe_app import SafeApp


class PickerApp(SafeApp[str]):
    """Nothing but the list."""

    CSS_PATH = "../app.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, lines: Sequence[SessionLine]) -> None:
        super().__init__()
        self._lines = lines

    def on_mount(self) -> None:
        """Open the list."""
        self.push_screen(picker(self._lines, self.exit, self.exit))
