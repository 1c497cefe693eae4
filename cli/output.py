"""The machine-readable result of a turn, and where each form of output goes."""

import dataclasses
import json
import sys
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from agent.events import Event, EventSink, as_json
from agent.json_types import JsonObject, JsonValue, as_count, as_object, as_text
from agent.log import SessionLog
from agent.thinking.account import account
from cli.asking import Person, somebody_is_there
from cli.errors import UsageError
from cli.printing import counted, dimmed, has_cursor, paint_diff, printable, wants_colour
from cli.render import Detail, TextRenderer
from cli.server_use import ServerUse
from cli.sessions.compactions import figures_line


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What `--output json` prints. All but `patch`, which is the whole session's, covers this turn."""

    status: str
    exit_code: int
    session_id: str
    summary: str
    patch: str
    steps: int
    usage: JsonObject
    thinking: JsonObject
    faults: JsonObject
    duration_s: float
    log_path: str
    server: ServerUse = field(default_factory=ServerUse)
    compactions: JsonObject = field(default_factory=dict[str, JsonValue])


def turn_figures(log: SessionLog, after: int) -> tuple[JsonObject, JsonObject]:
    """Usage and thinking of the log's entries after an id: sums of tokens, and the account of `agent.thinking`."""
    keys = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    usage: dict[str, int] = dict.fromkeys(keys, 0)
    for entry in log.entries("assistant", "fault", "compaction", after=after):
        spent = as_object(entry.data.get("usage"))
        for key in keys:
            usage[key] += as_count(spent.get(key))
    return usage, account(log, after).as_json()


def fault_counts(log: SessionLog, after: int) -> JsonObject:
    """How often each failure of `agent.failures.table` was survived after an entry of the log; most frequent first."""
    counts = Counter(as_text(entry.data.get("counter")) for entry in log.entries("failure", after=after))
    return dict(counts.most_common())


def faults_in_words(faults: JsonObject) -> str:
    """One line for people: "empty_answer × 2, server_busy × 1"."""
    return ", ".join(f"{name} × {count}" for name, count in faults.items())


# More of a patch than this buries what else there is to say.
MOST_DIFF_LINES = 600


@dataclass(frozen=True, slots=True)
class Form:
    """How a turn is told: `kind` is text, json or stream-json; `quiet` leaves only the result.

    `live` draws a status line where standard error is a terminal; it needs a running event loop.
    """

    kind: str = "text"
    detail: Detail = field(default_factory=Detail)
    quiet: bool = False
    live: bool = False

    @classmethod
    def from_options(cls, options: Namespace) -> "Form":
        """The form that --output, -v, -q and --show-thinking ask for. Raises `UsageError` for a contradiction."""
        if options.quiet and (options.verbose or options.show_thinking):
            raise UsageError("--quiet shows only the result; leave it out, or leave out --verbose and --show-thinking.")
        return cls(options.output, Detail(options.show_thinking, options.verbose), options.quiet, live=True)

    def person(self, options: Namespace) -> Person | None:
        """Whoever can be asked: somebody at the terminal, who sees the questions and did not forbid them."""
        if options.no_input or self.quiet or self.kind == "stream-json":
            return None
        return Person() if somebody_is_there(sys.stdin, sys.stderr) else None


class Output:
    """The result on standard output, and how it comes about on standard error (`docs/cli.md`).

    With stream-json the events are the result. Where standard output is no terminal, a patch is written byte for byte.
    """

    def __init__(self, form: Form, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._form = form
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        for stream in (self._out, self._err):
            # A terminal that cannot show a character shows a stand-in; it must not end the run.
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        self.colour = form.kind == "text" and wants_colour(self._out)
        self._colour_beside = wants_colour(self._err)
        self._renderer = TextRenderer(
            self._err, self._colour_beside, form.detail, live=form.live and has_cursor(self._err)
        )
        self.sink: EventSink = self._stream if form.kind == "stream-json" else self._renderer
        if form.quiet and form.kind != "stream-json":
            self.sink = _nothing

    def begin(self, what: str) -> None:
        """Something of the launch that may take long; the first event that is shown ends it."""
        if self.sink is self._renderer:
            self._renderer.status.begin(what)

    def end(self) -> None:
        """Nothing runs any more, however it ended."""
        self._renderer.status.end()

    def _stream(self, event: Event) -> None:
        self._write(as_json(event))

    def _write(self, value: JsonObject) -> None:
        self._out.write(json.dumps(value, ensure_ascii=True) + "\n")
        self._out.flush()

    def result(self, result: TurnResult) -> None:
        """Print the result: the patch for people, one JSON object for programs."""
        self.end()
        if self._form.kind == "text":
            self._text(result)
        else:
            self._object(result)
        if self._form.quiet and result.status != "done":
            print(f"qwright: {result.status}: {printable(result.summary)}", file=self._err)

    def _object(self, result: TurnResult) -> None:
        kind: JsonObject = {"type": "result"} if self._form.kind == "stream-json" else {}
        self._write({**kind, **dataclasses.asdict(result)})

    def failed_to_start(self, session_id: str, sentence: str, exit_code: int) -> None:
        """A result for programs also when nothing ran; people read the sentence on standard error."""
        self.end()
        if self._form.kind != "text":
            nothing: JsonObject = {}
            result = TurnResult("failed", exit_code, session_id, sentence, "", 0, nothing, nothing, nothing, 0.0, "")
            self._object(result)

    def _text(self, result: TurnResult) -> None:
        if result.patch:
            self._patch(result)
        elif result.status == "done" and (self._form.quiet or not (self._out.isatty() and self._err.isatty())):
            # What was asked for is an answer, and nobody has seen it on standard output yet.
            self._out.write(printable(result.summary) + "\n")
        self._out.flush()
        if not self._form.quiet:
            self._figures(result)

    def _patch(self, result: TurnResult) -> None:
        """The whole of it for a file or a program; on a terminal painted, and cut where it buries everything else."""
        if not self._out.isatty():
            _write_exactly(self._out, result.patch)
            return
        lines = result.patch.rstrip("\n").split("\n")
        shown = lines[:MOST_DIFF_LINES]
        self._out.write("\n" + paint_diff("\n".join(shown), self.colour) + "\n")
        if len(lines) > len(shown):
            command = f"qwright sessions export {result.session_id} --format patch"
            left = counted(len(lines) - len(shown), "more line")
            self._out.write(f"[… {left}; `{command}` has the whole patch]\n")

    def _figures(self, result: TurnResult) -> None:
        usage, thinking = result.usage, result.thinking
        figures = (
            f"{counted(result.steps, 'step')} in {result.duration_s:.1f} s. "
            f"{usage['prompt_tokens']:,} tokens in ({usage['cached_tokens']:,} cached), "
            f"{usage['completion_tokens']:,} out. {thinking['summary']}"
        )
        where = f"session {result.session_id}, log {Path(result.log_path)}"
        survived = f"Survived: {faults_in_words(result.faults)}." if result.faults else ""
        extra = [line for line in (result.server.sentences(), figures_line(result.compactions), survived) if line]
        lines = (*([] if result.patch else ["No files changed."]), figures, *extra, where)
        self._err.write("\n" + "".join(f"{dimmed(line, self._colour_beside)}\n" for line in lines))
        self._err.flush()


def _nothing(event: Event) -> None:
    del event


def _write_exactly(out: TextIO, patch: str) -> None:
    """The patch's bytes: names and contents need not be text in any encoding."""
    out.flush()
    try:
        buffer = out.buffer
    except AttributeError:
        out.write(patch)
        return
    buffer.write(patch.encode("utf-8", "surrogateescape"))
    buffer.flush()
