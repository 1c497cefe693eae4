"""Every case to its verdict, kept as soon as it is there, so that the same call goes on where one was cut off."""

import hashlib
import io
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.batch.store import replace_file
from jobs.batch.workers import Room, run_all
from jobs.triage.each.cases import Case
from jobs.triage.findings import Findings
from jobs.triage.inquiry.notes import worth_another_try
from jobs.triage.intake import read_failures
from jobs.triage.junit import ReportError
from jobs.triage.reports.markdown import code, inline, markdown
from jobs.triage.similar import Similar
from jobs.triage.untrusted import one_line, tame
from jobs.triage.verdict import Verdict
from sandboxes.errors import SandboxError

_logger = logging.getLogger(__name__)
_MOST_DUPLICATES = 5
_MOST_DOCUMENT = 16_000

Judge = Callable[[Case, Findings], Awaitable[Verdict]]
"""The verdict of one case. Raises `SandboxError`."""


class Done(BaseModel):
    """`case.json`: `key` is a hash of all that decides the verdict, "" when it is worth another try; `document` is what
    duplicates are found by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    document: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """`setup` says with what options the verdicts are made: with others they are made anew."""

    cases: Sequence[Case]
    out: Path
    setup: str
    say: Callable[[str], None]

    def to_do(self) -> list[Case]:
        """Cases without a verdict of this setup."""
        return [case for case in self.cases if not self._finished(case)]

    async def run(self, judge: Judge, room: Room) -> list[Case]:
        """Run what is to do, then name duplicates; returns the cases that have no verdict."""
        todo = self.to_do()
        left = len(todo)

        async def one(case: Case) -> None:
            nonlocal left
            await self._one(case, judge)
            left -= 1
            self.say(f"{case.name} is done, {left} left.")

        await run_all(todo, one, room)
        self._name_duplicates()
        return self.to_do()

    async def _one(self, case: Case, judge: Judge) -> None:
        folder = self.out / case.name
        try:
            findings = read_case(case)
            verdict = await judge(case, findings)
        except (ReportError, OSError, SandboxError) as error:
            # One case that cannot be read must not end the others.
            _logger.warning("%s has no verdict", case.name, exc_info=error)
            self.say(f"{case.name} has no verdict: {one_line(str(error), 300)}")
            _keep(folder, Done(key="", trouble=one_line(str(error), 500)))
            return
        replace_file(folder / "verdict.json", verdict.model_dump_json(indent=2).encode() + b"\n")
        replace_file(folder / "verdict.md", markdown(verdict).encode("utf-8", "replace"))
        key = "" if worth_another_try(verdict) else key_of(case, self.setup)
        _keep(folder, Done(key=key, document=document_of(verdict, case.issue)))

    def _finished(self, case: Case) -> bool:
        found = done(self.out / case.name)
        return found is not None and bool(found.key) and found.key == key_of(case, self.setup)

    def _name_duplicates(self) -> None:
        """Each case is a duplicate of earlier ones; the first of them is nobody's."""
        records = {case.name: found for case in self.cases if (found := done(self.out / case.name))}
        similar = Similar({name: found.document for name, found in records.items()})
        order = {name: number for number, name in enumerate(records)}
        rows: list[str] = []
        for case in self.cases:
            folder = self.out / case.name
            verdict = verdict_in(folder) if case.name in records else None
            if verdict is None:
                rows.append(f"| {code(case.name)} | | no verdict | |")
                continue
            mine = order[case.name]
            alike = [name for name, _ in similar.like(case.name) if order[name] < mine][:_MOST_DUPLICATES]
            if alike != verdict.duplicates:
                verdict = verdict.model_copy(update={"duplicates": alike})
                replace_file(folder / "verdict.json", verdict.model_dump_json(indent=2).encode() + b"\n")
                replace_file(folder / "verdict.md", markdown(verdict).encode("utf-8", "replace"))
            summary = inline(verdict.summary).replace("|", "¦")
            rows.append(f"| {code(case.name)} | {verdict.category.value} | {summary} | {', '.join(map(code, alike))} |")
        text = "\n".join(["| case | category | summary | duplicate of |", "|---|---|---|---|", *rows, ""])
        replace_file(self.out / "index.md", text.encode("utf-8", "replace"))


def read_case(case: Case) -> Findings:
    """What the files of a case say. Raises `ReportError` and `OSError`."""
    findings = Findings()
    with ExitStack() as files:
        for path in case.logs:
            findings.add(read_failures(files.enter_context(path.open("rb")), path.name), path.name)
        if case.previous:
            earlier = files.enter_context(case.previous.open("rb"))
            findings.add_previous(read_failures(earlier, case.previous.name, findings.previous_revision))
    if case.issue:
        findings.add_issue(read_failures(io.BytesIO(case.issue.encode("utf-8", "replace")), "issue"), "issue")
    return findings


def document_of(verdict: Verdict, issue: str) -> str:
    """The text by which duplicates are found: causes and their tests; of an issue its own words."""
    rows = [f"{cause.message}\n{' '.join(cause.examples[:3])}" for cause in verdict.causes[:5]]
    rows += [one.path for one in verdict.suspects[:3]]
    return "\n".join([*rows, tame(issue, 8000)])[:_MOST_DOCUMENT]


def key_of(case: Case, setup: str) -> str:
    """The hash by which a verdict is found again: the same inputs with the same setup."""
    digest = hashlib.sha256(json.dumps([setup, case.name, case.issue]).encode())
    for path in (*case.logs, *((case.previous,) if case.previous else ())):
        with path.open("rb") as stream:
            digest.update(path.name.encode("utf-8", "surrogateescape"))
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def done(folder: Path) -> Done | None:
    """What is recorded of a case, None when nothing can be read."""
    try:
        return Done.model_validate_json((folder / "case.json").read_bytes())
    except (OSError, ValidationError):
        return None


def verdict_in(folder: Path) -> Verdict | None:
    """The kept verdict, None when there is none."""
    try:
        return Verdict.model_validate_json((folder / "verdict.json").read_bytes())
    except (OSError, ValidationError):
        return None


def _keep(folder: Path, record: Done) -> None:
    replace_file(folder / "case.json", record.model_dump_json(indent=1).encode() + b"\n")
