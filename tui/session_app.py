"""What the parts that open the session and run its turns may ask of the app; `tui.app.QwrightApp` is the real one."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.policies import Policy
from tui.calling_app import CallingApp
from tui.commands.command import Command
from tui.conversation.view import Conversation
from tui.host import AppHost, HostFailed
from tui.prompt.area import PromptArea
from tui.status.line import StatusLine

if TYPE_CHECKING:
    from agent.events import Event


class SessionApp(CallingApp):
    """Conversation, prompt and status line over a host.

    `policy` is the person's choice of when to think, `configured` what holds without; `clock` gives seconds.
    """

    policy: Policy | None

    def __init__(self, host: AppHost, clock: Callable[[], float]) -> None:
        super().__init__()
        self.host = host
        self.clock = clock
        self.policy = None
        self._configured: Policy = "auto"

    @property
    def configured(self) -> Policy:
        """See the class."""
        return self._configured

    def configure(self, policy: Policy) -> None:
        """What holds where the person chose nothing."""
        self._configured = policy

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.query_one(Conversation)

    @property
    def prompt(self) -> PromptArea:
        """Where a person types."""
        return self.query_one(PromptArea)

    @property
    def drawn(self) -> bool:
        """Whether there is a screen still: an app that closes in mid-turn has taken it away when the turn ends."""
        return bool(self.query(PromptArea))

    @property
    def status(self) -> StatusLine:
        """The line below it."""
        return self.query_one(StatusLine)

    def say(self, sentence: str) -> None:
        """Put a notice into the conversation."""
        from agent.events import Notice

        self.tell(Notice(sentence))

    def draw_mode(self) -> None:
        """The host's mode was changed."""
        self.status.mode(self.host.mode)

    def draw_policy(self) -> None:
        """`policy` was changed."""
        self.status.policy(self.policy or "")

    @property
    @abstractmethod
    def commands(self) -> tuple[Command, ...]:
        """The table, and what the user and the project added."""

    @abstractmethod
    async def carry_out(self, command: Command, argument: str) -> None:
        """Run a row of the table; nothing where the focused widget itself handles it."""

    @abstractmethod
    def tell(self, event: "Event") -> None:
        """Draw an event, behind those that came before it."""

    @abstractmethod
    def refresh_names(self) -> None:
        """A turn may have changed which files and commands there are."""

    @abstractmethod
    async def mend(self, failed: HostFailed) -> bool:
        """Show what stands in the way and open the session anew when the person says so; whether it is open."""

    @abstractmethod
    async def action_quit(self) -> None:
        """Close the session, then the screen."""
