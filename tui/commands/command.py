"""What a row of the table is, and what its function may ask of the app."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from agent.policies import Policy
from tui.commands.prompt import Prompt
from tui.host import Host
from tui.opened import Opened
from tui.themes.names import Look, ThemeName

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.conversation.view import Conversation

When: TypeAlias = Literal["always", "idle", "running"]
Group: TypeAlias = Literal[
    "Session", "Context", "Model", "Changes", "Trust", "Server", "Screen", "Prompt", "Custom", "Keys", "Conversation"
]


class AppActions(Protocol):
    """The app as commands see it. `policy` is the person's choice of when to think."""

    policy: Policy | None
    look: Look

    @property
    def configured(self) -> Policy:
        """When the model thinks where the person chose nothing."""
        ...

    @property
    def host(self) -> Host:
        """The session and all that is outside."""
        ...

    @property
    def conversation(self) -> "Conversation":
        """What is on the screen."""
        ...

    @property
    def running(self) -> bool:
        """Whether a turn runs."""
        ...

    @property
    def commands(self) -> "tuple[Command, ...]":
        """The table, and what the user and the project added."""
        ...

    def say(self, sentence: str) -> None:
        """Put a notice into the conversation."""
        ...

    def submit(self, text: str) -> None:
        """Take a text as if it had been typed and sent: a request, or a command with its argument."""
        ...

    def ask(self, text: str) -> None:
        """Send a prepared request, whatever it begins with."""
        ...

    async def edit_outside(self) -> None:
        """Put the written text into the user's editor and take it back."""
        ...

    def show(self, screen: "Screen[None]") -> None:
        """Open a screen above the conversation."""
        ...

    async def reopen(self) -> None:
        """Leave this session and open it anew."""
        ...

    async def go_on(self) -> None:
        """Go on with the interrupted request."""
        ...

    async def restart(self, opened: Opened) -> None:
        """Another session is open now: its conversation on the screen."""
        ...

    @property
    def prompt(self) -> Prompt:
        """Where a person types."""
        ...

    def steer(self, text: str) -> None:
        """A remark for the running turn."""
        ...

    def pressed_twice(self) -> bool:
        """Whether Escape was pressed a moment before, too."""
        ...

    def rewind(self) -> None:
        """Go back to an earlier request, where there is a command for it."""
        ...

    def draw_mode(self) -> None:
        """The host's mode was changed."""
        ...

    def draw_policy(self) -> None:
        """`policy` was changed."""
        ...

    def wear(self, theme: ThemeName) -> None:
        """Show everything in another theme."""
        ...

    def action_interrupt(self) -> None:
        """End the model call or tool that runs."""
        ...

    def action_suspend_process(self) -> None:
        """Leave the terminal to the shell until `fg`."""
        ...

    async def action_quit(self) -> None:
        """Close the session and the screen."""
        ...

    @property
    def clipboard(self) -> str:
        """What was copied within the app."""
        ...

    def copy_to_clipboard(self, text: str) -> None:
        """Into the terminal's clipboard (OSC 52)."""
        ...


Handler: TypeAlias = Callable[[AppActions, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """One row: a slash command, a key, or both.

    `name` is without the slash, "" for a key alone. `run` gets the app and the text behind the name; None where the
    focused widget itself handles the key. `argument` is the hint that completion shows, `choices` what it offers.
    `key` has Textual's key names, separated by commas. A command for an idle session (`when`) waits for the running
    turn to end like a request does; one for a running turn is refused when none runs.
    """

    name: str
    help: str
    run: Handler | None = None
    group: Group = "Session"
    aliases: tuple[str, ...] = ()
    argument: str = ""
    choices: tuple[str, ...] = ()
    key: str = ""
    when: When = "always"

    @property
    def title(self) -> str:
        """How a person types it."""
        return f"/{self.name} {self.argument}".rstrip() if self.name else ""


_LONG = {"pageup": "Page Up", "pagedown": "Page Down", "underscore": "_"}


def key_title(key: str) -> str:
    """Textual's key names as people write them: `ctrl+j,shift+enter` is "Ctrl+J, Shift+Enter"; g and G stay apart."""
    return ", ".join(name if len(name) == 1 else _titled(name) for name in key.split(",") if name)


def _titled(name: str) -> str:
    return "+".join(_LONG.get(part, part.capitalize()) for part in name.split("+"))
