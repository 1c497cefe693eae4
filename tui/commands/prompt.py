"""The prompt as commands see it; `tui.prompt.area.PromptArea` is the real one."""

from typing import Protocol

from tui.prompt.history import History


class Editor(Protocol):
    """Where the text is typed."""

    @property
    def text(self) -> str:
        """What it shows."""
        ...

    @property
    def whole_text(self) -> str:
        """The same with what was folded when it was pasted."""
        ...

    def write(self, text: str) -> None:
        """Put this text in the place of what it holds."""
        ...

    def empty(self) -> None:
        """Forget text and pastes."""
        ...

    def insert(self, text: str) -> object:
        """Type this at the cursor."""
        ...

    def action_paste(self) -> None:
        """Type what was copied within the app."""
        ...


class Prompt(Protocol):
    """The editor and its history."""

    history: History

    @property
    def editor(self) -> Editor:
        """Where the text is typed."""
        ...

    async def remember(self, text: str) -> None:
        """Keep a request for the history."""
        ...

    def put_back(self, text: str) -> None:
        """Put a text before what stands in the editor."""
        ...
