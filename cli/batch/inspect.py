"""`qwright batch inspect DIR`: the folder of a batch as the inspector sees it."""

import sqlite3
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.log import SessionLog
from cli import exit_codes
from cli.errors import UsageError
from jobs.batch.errors import BatchError
from jobs.batch.evaluation import EVALUATION
from jobs.batch.reports.facts import Facts, read_run, runs_in
from jobs.batch.steps import StepShown, session_shown
from jobs.batch.store import InstanceFolder
from tui.inspect.host import InstanceLine, Part, StepView


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch_views`."""
    try:
        host = FolderHost(options.out)
        host.instances()
    except BatchError as error:
        raise UsageError(str(error)) from error
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"The inspector needs a terminal; {options.out}/report.md and ID/trajectory.md are its text.")
    from tui.inspect.app import InspectApp

    InspectApp(host).run()
    return exit_codes.DONE


class FolderHost:
    """Implements `tui.inspect.host.InspectHost` over an output folder; one of several runs shows all of them."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._runs = runs_in(out) or {"": out}

    def title(self) -> str:
        """See `InspectHost`."""
        return self._out.name or str(self._out)

    def instances(self) -> list[InstanceLine]:
        """See `InspectHost`. Raises `BatchError` for a folder that is none of a batch."""
        return [_line(name, it) for name, out in self._runs.items() for it in read_run(out).facts]

    def steps(self, name: str) -> Sequence[StepView]:
        """See `InspectHost`."""
        try:
            log = SessionLog.open(self._folder(name).log, create=False)
        except (OSError, sqlite3.Error):
            return ()
        try:
            session = session_shown(log)
        finally:
            log.close()
        views = [StepView("request", (Part("text", session.task),))]
        views += [StepView(_title(step), tuple(_parts(step))) for step in session.steps]
        return [*views, StepView("end", (Part("text", session.end or "not ended"),))]

    def patch(self, name: str) -> str:
        """See `InspectHost`."""
        return self._folder(name).patch().decode("utf-8", "replace")

    def tests(self, name: str) -> str:
        """See `InspectHost`."""
        folder = self._folder(name).path
        try:
            return (folder.parent / EVALUATION / folder.name / "test_output.txt").read_text("utf-8", "replace")
        except OSError:
            return ""

    def _folder(self, name: str) -> InstanceFolder:
        run, _, instance_id = name.rpartition("/")
        return InstanceFolder(self._runs.get(run, self._out) / instance_id)


def _line(run: str, it: Facts) -> InstanceLine:
    status, figures = it.status, it.status.figures
    return InstanceLine(
        name=f"{run}/{status.instance_id}" if run else status.instance_id,
        outcome=it.outcome,
        end=status.exit_status,
        steps=status.steps,
        thinking=figures.thinking_steps,
        completion_tokens=figures.completion_tokens,
        seconds=status.seconds,
        why=it.why,
    )


def _title(step: StepShown) -> str:
    what = ", ".join(call.name for call in step.calls) or ("note" if step.notes else "answer")
    return f"{step.number} {'thinking' if step.thinking else 'direct'} {what}"


def _parts(step: StepShown) -> Iterator[Part]:
    if step.reason:
        yield Part("mode", f"{'thinking' if step.thinking else 'direct'}: {step.reason}")
    yield from (Part("note", note) for note in step.notes)
    if step.reasoning.strip():
        yield Part("reasoning", step.reasoning)
    if step.text.strip():
        yield Part("text", step.text)
    for call in step.calls:
        yield Part("call", "\n".join([call.name, *(f"{name}: {value}" for name, value in call.arguments)]))
        if call.ok is not None:
            yield Part("result" if call.ok else "failed", call.result)
