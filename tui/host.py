"""What the screens need from outside: one session over one repository. `cli.pair.host` is the real one.

The app never sees how a server is found, a sandbox started or a log opened; tests give it a host of their own.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from agent.permissions.modes import Mode, Scope
from agent.policies import Policy
from tui.opened import Opened

if TYPE_CHECKING:
    from agent.approvals import Answer
    from agent.events import EventSink
    from agent.permissions.rules import Rule
    from agent.session import Outcome
    from tui.commands.custom import CustomCommand
    from tui.faces.setup import Setup
    from tui.panels.host import Figures
    from tui.past.host import Past
    from tui.project.host import Project

# What stands in the way. Each has a face (`tui.faces.table`), and each error of ours is one (`cli.pair.troubles`).
Trouble: TypeAlias = Literal[
    "not_set_up",
    "endpoint",
    "loading",
    "not_a_server",
    "key",
    "model",
    "refused",
    "context",
    "engine",
    "image",
    "sandbox",
    "gone",
    "workspace",
    "settings",
    "locked",
    "session",
    "disk",
    "usage",
    "crash",
]


class HostFailed(Exception):
    """The session cannot be opened or go on. The text is a sentence with the next step; `trouble` names the part.

    `models` are those that the server has, where none or another was named.
    """

    def __init__(self, sentence: str, trouble: Trouble, models: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.trouble: Trouble = trouble
        self.models = tuple(models)


class Host(Protocol):
    """One session. Methods raise `HostFailed`; events go to the sink that `open` was given."""

    @property
    def title(self) -> str:
        """Short name of the repository, known before anything is opened."""
        ...

    @property
    def project(self) -> "Project":
        """Checks after edits, and the map."""
        ...

    @property
    def past(self) -> "Past":
        """Undo, diff, commit and other sessions."""
        ...

    async def open(self, sink: "EventSink") -> Opened:
        """Find the server, start the sandbox, open the log. Heavy imports happen here, beside the screen."""
        ...

    @property
    def figures(self) -> "Figures":
        """What the panels show."""
        ...

    @property
    def kept(self) -> str:
        """Id of the session if something was asked in it, else ""."""
        ...

    def trouble(self, outcome: "Outcome") -> Trouble | None:
        """What stood in the way of a turn that ended with an error; None for every other end."""
        ...

    async def run(self, text: str, thinking: Policy | None = None, pictures: Sequence[str] = ()) -> "Outcome":
        """One turn, from a request to its end or to a question; `thinking` None is the configured policy.

        `pictures` are paths, absolute, in `~` or in the repository.
        """
        ...

    async def resume(self) -> "Outcome":
        """Go on with the turn that was interrupted."""
        ...

    async def answer(self, answer: "Answer") -> "Outcome":
        """Answer the question, or decide on the call, that the turn waits for."""
        ...

    @property
    def mode(self) -> Mode:
        """What the model may do without asking."""
        ...

    def set_mode(self, mode: Mode) -> None:
        """Another mode, from the model's next call on."""
        ...

    def rules(self) -> "Sequence[tuple[Scope, Rule]]":
        """The rules that hold, those of the session behind those of the project."""
        ...

    def forget(self, scope: Scope, rule: "Rule") -> None:
        """Remove a rule, from the file too."""
        ...

    def cancel(self) -> None:
        """End the model call or tool at once; the session can go on."""
        ...

    def steer(self, text: str) -> None:
        """A remark for the running turn, which the model reads at its next step."""
        ...

    async def files(self) -> Sequence[str]:
        """Paths of the repository, ignored ones left out, relative to its root."""
        ...

    async def custom_commands(self) -> "Sequence[CustomCommand]":
        """Commands that the user and the project wrote; the user's own first."""
        ...

    async def shell(self, command: str) -> None:
        """Run a command of the person in the sandbox. Its card comes as events; the next request has its output."""
        ...

    async def clipboard_picture(self) -> str:
        """The path of a file with the picture in the clipboard; "" when it holds none."""
        ...

    async def asked_before(self) -> Sequence[str]:
        """What was asked in earlier sessions on this project, from the oldest to the newest."""
        ...

    async def remember(self, text: str) -> None:
        """Keep a request for `asked_before`."""
        ...

    async def keep_setting(self, key: str, value: str) -> str:
        """Write a setting into the user's configuration; a sentence that says where, or what goes before it."""
        ...

    async def new_session(self) -> Opened:
        """Keep and leave this session, open a new one on the same tree."""
        ...

    async def compact(self, focus: str) -> str:
        """Make room in the model's context, keeping what concerns `focus`; a sentence if nothing was left out."""
        ...

    async def close(self) -> None:
        """Keep everything, end the sandbox."""
        ...


class AppHost(Host, Protocol):
    """A host that can be made anew from what a person chooses on a face."""

    @property
    def setup(self) -> "Setup":
        """What mends a session that cannot be opened."""
        ...

    async def reopen(self) -> Opened:
        """Leave what is open, and open the same session anew: server, sandbox and settings as they are by then."""
        ...
