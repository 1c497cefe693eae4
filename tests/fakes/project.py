"""A project for screens: checks and a map that the test wrote."""

from collections.abc import Sequence

from agent.check_kinds import CheckKind
from tui.project.host import CheckLine, CheckOffer, ProjectMap


class ListProject:
    """Implements `tui.project.host.Project`."""

    def __init__(self) -> None:
        self.lines: list[CheckLine] = []
        self.suggested: list[CheckOffer] = []
        self.made = ProjectMap("src/\n  a.py: A(run), main", 1, 3, 9)
        self.sent: list[ProjectMap] = []
        self.asked: list[str] = []

    def checks(self) -> Sequence[CheckLine]:
        return list(self.lines)

    async def offers(self) -> Sequence[CheckOffer]:
        return self.suggested

    def use_check(self, kind: CheckKind, command: str) -> None:
        self.drop_check(kind)
        self.lines.append(CheckLine(kind, command, own=True, runs=True))

    def drop_check(self, kind: CheckKind) -> None:
        self.lines = [line for line in self.lines if line.kind != kind]

    async def map(self, focus: str) -> ProjectMap:
        self.asked.append(focus)
        return self.made

    def send_map(self, made: ProjectMap) -> None:
        self.sent.append(made)
