"""The machine-readable result of a turn, and where each form of output goes."""

import dataclasses
import json
import sys
from collections import Counter
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from agent.events import Event, EventSink, Notice, as_json
from agent.json_types import JsonObject, as_count, as_object, as_text
from agent.log import SessionLog
from cli.render import TextRenderer, dimmed, paint_diff, printable


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What `--output json` prints. Token counts and thinking cover this turn; `patch` the whole session."""

    status: str
    exit_code: int
    session_id: str
    summary: str
    patch: str
    steps: int
    usage: JsonObject
    thinking: JsonObject
    duration_s: float
    log_path: str


def turn_figures(log: SessionLog, after: int) -> tuple[JsonObject, JsonObject]:
    """Usage and thinking of the log's entries after an id: sums of tokens, and steps by mode and reason."""
    keys = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    usage: dict[str, int] = dict.fromkeys(keys, 0)
    modes: Counter[bool] = Counter()
    reasons: Counter[str] = Counter()
    for entry in log.entries("assistant", "fault", "mode", after=after):
        if entry.kind == "mode":
            modes[bool(entry.data.get("thinking"))] += 1
            reasons[as_text(entry.data.get("reason"))] += 1
        else:
            spent = as_object(entry.data.get("usage"))
            for key in keys:
                usage[key] += as_count(spent.get(key))
    return usage, {"on": modes[True], "off": modes[False], "reasons": dict(reasons)}


# More of a patch than this buries what else there is to say.
MOST_DIFF_LINES = 600


class Output:
    """One of text, json, stream-json on standard output; notices of a JSON run go to standard error."""

    def __init__(
        self, form: str, out: TextIO | None = None, err: TextIO | None = None, *, show_reasoning: bool = False
    ) -> None:
        self._form = form
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        for stream in (self._out, self._err):
            # A terminal that cannot show a character shows a stand-in; it must not end the run.
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        self.colour = form == "text" and self._out.isatty() and not _no_colour()
        renderer = TextRenderer(self._out, self.colour, show_reasoning)
        self.sink: EventSink = renderer if form == "text" else self._quiet
        if form == "stream-json":
            self.sink = self._stream

    def _stream(self, event: Event) -> None:
        self._write(as_json(event))

    def _quiet(self, event: Event) -> None:
        if isinstance(event, Notice):
            print(f"qwright: {printable(event.text)}", file=self._err)

    def _write(self, value: JsonObject) -> None:
        self._out.write(json.dumps(value, ensure_ascii=True) + "\n")
        self._out.flush()

    def result(self, result: TurnResult) -> None:
        """Print the result: the patch for people, one JSON object for programs."""
        data = dataclasses.asdict(result)
        if self._form == "json":
            self._write(data)
        elif self._form == "stream-json":
            self._write({"type": "result", **data})
        else:
            self._text(result)

    def failed_to_start(self, session_id: str, sentence: str, exit_code: int) -> None:
        """A result for programs also when nothing ran; people read the sentence on standard error."""
        if self._form != "text":
            nothing: JsonObject = {}
            result = TurnResult("failed", exit_code, session_id, sentence, "", 0, nothing, nothing, 0.0, "")
            self.result(result)

    def _text(self, result: TurnResult) -> None:
        lines = result.patch.rstrip("\n").split("\n") if result.patch else ["No files changed."]
        shown = lines[:MOST_DIFF_LINES]
        self._out.write("\n" + paint_diff("\n".join(shown), self.colour) + "\n")
        if len(lines) > len(shown):
            command = f"qwright sessions export {result.session_id} --format patch"
            self._out.write(f"[… {len(lines) - len(shown):,} more lines; `{command}` has the whole patch]\n")
        usage, thinking = result.usage, result.thinking
        steps = "1 step" if result.steps == 1 else f"{result.steps} steps"
        figures = (
            f"{steps} in {result.duration_s:.1f} s, thought on {thinking['on']} of them. "
            f"{usage['prompt_tokens']:,} tokens in ({usage['cached_tokens']:,} cached), "
            f"{usage['completion_tokens']:,} out ({usage['reasoning_tokens']:,} thought)."
        )
        where = f"session {result.session_id}, log {Path(result.log_path)}"
        self._out.write("\n" + "".join(f"{dimmed(line, self.colour)}\n" for line in (figures, where)))
        self._out.flush()


def _no_colour() -> bool:
    import os

    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
