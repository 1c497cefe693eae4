"""The keys of a card, whole at every width."""

from collections.abc import Sequence

from textual import events
from textual.widgets import Static

from tui.approval.words import keys_text


class KeysLine(Static):
    """Laid out anew when the width changes; a line ends between two keys only."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__("", markup=False, classes="keys")
        self._keys = keys

    def on_resize(self, event: events.Resize) -> None:
        """Lines for this width."""
        self.update(keys_text(self._keys, event.size.width))
