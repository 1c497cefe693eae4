"""A session over a folder and a scripted model, for tests of the machine."""

from dataclasses import dataclass, field
from pathlib import Path

from agent import events
from agent.checks import Checks
from agent.engine import Snapshots
from agent.log import SessionLog
from agent.opening import Parts
from agent.permissions.permissions import Permissions
from agent.session import Session, open_session
from agent.settings import Endpoint, Settings
from tests.fakes.model import Answer, ScriptedModel
from tests.fakes.sandbox import FolderSandbox
from tools.registry import toolset


@dataclass(slots=True)
class Bench:
    """One session's parts; `reopen` is what a new process would do."""

    folder: Path
    model: ScriptedModel
    settings: Settings = field(
        default_factory=lambda: Settings(Endpoint("http://test/v1", "test", context_tokens=65536))
    )
    person: bool = False
    permissions: Permissions | None = None
    checks: Checks | None = None
    instructions: str = ""
    snapshots: Snapshots | None = None
    shared: bool = False
    seen: list[events.Event] = field(default_factory=list[events.Event])
    logs: list[SessionLog] = field(default_factory=list[SessionLog])

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    def open(self) -> Session:
        self.tree.mkdir(parents=True, exist_ok=True)
        log = SessionLog.open(self.folder / "log.sqlite", create=True)
        self.logs.append(log)
        if not log.meta():
            log.update_meta(id="test-session")
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        parts = Parts(
            sandbox=FolderSandbox(self.tree, scratch),
            tools=toolset(person=self.person),
            client=self.model,
            snapshots=self.snapshots,
            shared=self.shared,
            emit=self.seen.append,
            permissions=self.permissions,
            checks=self.checks,
            instructions=self.instructions,
        )
        return open_session(log, self.settings, parts)

    def reopen(self, *script: Answer) -> Session:
        self.model = ScriptedModel(script)
        return self.open()

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.seen]

    def of_kind(self, kind: type[events.Event]) -> list[events.Event]:
        return [event for event in self.seen if isinstance(event, kind)]

    def close(self) -> None:
        for log in self.logs:
            log.close()


def messages(prompt: list[bytes]) -> str:
    return b"\n".join(prompt).decode()
