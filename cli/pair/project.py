"""Checks and map of the open session: `tui.project.host.Project`."""

from collections.abc import Sequence

from agent.check_kinds import KINDS, CheckKind
from agent.checks import Check, Checks, may_run, rules_for
from agent.json_types import as_object, as_text
from agent.log import SessionLog
from cli.config import Config, resolve
from cli.pair.check_offers import READ, offers
from cli.pair.open_pair import OpenPair
from cli.pair.troubles import translated
from sandboxes.errors import PathError
from tui.host import HostFailed
from tui.model.attachments import Ran
from tui.project.host import CheckLine, CheckOffer, ProjectMap

_MOST_BYTES = 100_000


def checks_for(config: Config, log: SessionLog) -> Checks:
    """Those of the configuration, and above them those that the person set in this session ("" for none)."""
    mine = resolve({}, None).values
    made = Checks()
    chosen = as_object(log.meta().get("checks"))
    for kind in KINDS:
        command, own = (getattr(one, f"{kind}_command") for one in (config, mine))
        if kind in chosen:
            command = own = as_text(chosen[kind])
        if command:
            made.put(Check(kind, command, own=command == own))
    return made


class PairProject:
    """See the module."""

    def __init__(self, host: OpenPair) -> None:
        self._host = host

    def checks(self) -> Sequence[CheckLine]:
        """See `Project.checks`."""
        permissions = self._host.session.permissions
        known = self._host.session.checks.by_kind
        return [
            CheckLine(kind, check.command, check.own, may_run(check, permissions))
            for kind in KINDS
            if (check := known.get(kind))
        ]

    async def offers(self) -> Sequence[CheckOffer]:
        """See `Project.offers`."""
        return await translated(self._offers())

    async def _offers(self) -> Sequence[CheckOffer]:
        place, known = self._host.place, self._host.session.checks.by_kind
        paths = await place.workspace.paths()
        contents: dict[str, str] = {}
        for name in READ:
            if name in paths:
                try:
                    read = await place.sandbox.read_file(f"{place.sandbox.workdir}/{name}", limit=_MOST_BYTES)
                except PathError:
                    continue
                contents[name] = read.data.decode("utf-8", "replace")
        return [offer for offer in offers(paths, contents) if offer.kind not in known]

    def use_check(self, kind: CheckKind, command: str) -> None:
        """See `Project.use_check`."""
        session = self._host.session
        session.checks.put(Check(kind, command, own=True))
        if not may_run(Check(kind, command, own=False), session.permissions):
            session.permissions.remember(rules_for(command), "project")
        self._keep(kind, command)
        if not may_run(Check(kind, command, own=True), session.permissions):
            raise HostFailed(
                f"`{command}` is set, but mode and rules do not let it run (/mode, /permissions).", "usage"
            )

    def drop_check(self, kind: CheckKind) -> None:
        """See `Project.drop_check`."""
        self._host.session.checks.drop(kind)
        self._keep(kind, "")

    async def map(self, focus: str) -> ProjectMap:
        """See `Project.map`."""
        from cli.pair.mapping.made import project_map

        return await translated(project_map(self._host.place, focus))

    def send_map(self, made: ProjectMap) -> None:
        """See `Project.send_map`."""
        self._host.ran(Ran("qwright map", made.text, 0))

    def _keep(self, kind: CheckKind, command: str) -> None:
        log = self._host.log
        log.update_meta(checks={**as_object(log.meta().get("checks")), kind: command})
