"""`cargo test` and rustc."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_HEAD = re.compile(r"^---- (\S+) stdout ----$")
_PANIC = re.compile(r"^thread '[^']{0,300}'(?: \(\d+\))? panicked at (.+?):(\d{1,9}):(\d{1,9}):$")
_OLD_PANIC = re.compile(r"^thread '[^']{0,300}' panicked at '(.*)', (\S+?):(\d{1,9}):(\d{1,9})$")
_RUSTC = re.compile(r"^error(\[E\d{4}\])?: (.+)$")
_ARROW = re.compile(r"^\s*--> (\S+?\.rs):(\d{1,9}):(\d{1,9})$")
_WRAPPERS = ("could not compile", "aborting due to", "test failed", "process didn't exit", "test run failed")
_VERSION = ("failed to select a version", "no matching package", "failed to get `", "failed to download")


class CargoParser:
    """Panics under `---- name stdout ----`; compiler errors with their arrow; versions that do not resolve."""

    def __init__(self) -> None:
        self._block: Block | None = None
        self._kind = Kind.TEST
        self._error = ""
        self._wants_message = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if text.startswith("---- ") and (head := _HEAD.match(text)):
            return self._open(head[1], Kind.TEST, "", line)
        if text.startswith("error") and (found := _RUSTC.match(text)):
            if found[2].startswith(_WRAPPERS):
                return self._close()
            dependency = found[2].startswith(_VERSION)
            done = self._open(
                "rustc", Kind.DEPENDENCY if dependency else Kind.BUILD, (found[1] or "").strip("[]"), line
            )
            if self._block:
                self._block.message = found[2]
            return done
        if text in ("failures:", "") and self._kind is not Kind.TEST:
            return self._close()
        if self._block:
            return self._inside(self._block, line)
        return NOTHING

    def _inside(self, block: Block, line: Line) -> Sequence[Failure]:
        text = line.text
        if self._wants_message:
            self._wants_message = False
            block.message = text
            block.quote(line)
        elif "panicked at" in text and (found := _PANIC.match(text)):
            block.frame(found[1], found[2])
            block.quote(line)
            self._wants_message = True
        elif "panicked at" in text and (found := _OLD_PANIC.match(text)):
            block.frame(found[2], found[3])
            block.message = found[1]
            block.quote(line)
        elif "--> " in text and not block.frames and (found := _ARROW.match(text)):
            block.frame(found[1], found[2])
            block.quote(line)
        elif text.startswith(("  left: ", " right: ")):
            block.quote(line)
        elif text.startswith(("failures:", "test result:")):
            return self._close()
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return self._close()

    def _open(self, title: str, kind: Kind, error: str, line: Line) -> Sequence[Failure]:
        done = self._close()
        self._block, self._kind, self._error = Block(title, line), kind, error
        return done

    def _close(self) -> Sequence[Failure]:
        block, self._block, self._wants_message = self._block, None, False
        kind, self._kind = self._kind, Kind.TEST
        if block is None or (kind is Kind.BUILD and not block.frames):
            return NOTHING
        if kind is Kind.BUILD:
            block.title = block.frames[0].path
        error = self._error or ("panic" if kind is Kind.TEST else "")
        return (Failure("cargo", kind, block.title, block.message, error, tuple(block.frames), tuple(block.quotes)),)
