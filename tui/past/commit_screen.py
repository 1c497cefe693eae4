"""/commit: the drafted message to be edited, above the files that are committed."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from tui.model.safe import line, plain
from tui.past.host import CommitDraft

_SHOWN = 12


class CommitScreen(ModalScreen[None]):
    """Ctrl+S commits, Escape does nothing at all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Nothing", priority=True),
        Binding("ctrl+s", "commit", "Commit", priority=True),
    ]

    def __init__(self, draft: CommitDraft, submit: Callable[[str], None]) -> None:
        super().__init__(id="commit")
        self._draft = draft
        self._submit = submit

    def compose(self) -> ComposeResult:
        """Message, files, keys."""
        with Vertical(classes="card"):
            yield Static(Text("Commit message", "bold"))
            yield TextArea(plain(self._draft.message), soft_wrap=True, show_line_numbers=False)
            yield Static(self._files())
            yield Static(Text("Ctrl+S commits these files and nothing else · Esc leaves everything as it is", "dim"))

    def on_mount(self) -> None:
        """Ready to be edited."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def action_commit(self) -> None:
        """Commit with the message as it stands."""
        message = self.query_one(TextArea).text.strip()
        if message:
            self.dismiss()
            self._submit(f"/commit {message}")

    def _files(self) -> Text:
        text = Text()
        for path in self._draft.files[:_SHOWN]:
            text.append(f"  {line(path)}")
            text.append("  holds changes of yours too\n" if path in self._draft.mixed else "\n", "yellow")
        left = len(self._draft.files) - _SHOWN
        return text.append(f"  and {left} more\n" if left > 0 else "")
