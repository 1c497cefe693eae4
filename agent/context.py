"""What stands in the prompt in place of what was left out of it, and how a compaction is written down. Pure.

Old tool results are masked first: that costs the model least (JetBrains: +2.6 % solved, -52 % cost against summaries).
Then the model sums up the oldest steps. Either changes the prompt in the middle and costs the prefix cache once, from
there on; so it is done rarely and generously. The log keeps every text.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from agent.json_types import JsonObject, as_count, as_text

CompactionKind: TypeAlias = Literal["masked", "summary", "digest"]

MOST_RESULT_BYTES = 48_000
# A result shorter than this saves next to nothing.
LEAST_CHARACTERS = 400
SHOWN_CHARACTERS = 120
DIGEST_CHARACTERS = 90
MOST_DIGEST_LINES = 80
# By these words one can tell what stands in the prompt in the place of something else.
MASKED_MARK = "[harness] The rest of this old output"
PICTURE_LEFT_OUT = "[harness] The picture was left out to make room. View the file again if you need it."
SUMMED_UP_MARK = ("The steps before this point were left out to make room", "earlier calls were left out to make room")


@dataclass(frozen=True, slots=True)
class Compaction:
    """How the prompt is built from the log since a point; ids are the log's.

    Results up to `masked` are masked, steps up to `dropped` are gone: those up to `summarised` stand in `summary`, the
    others are told in a line for each call. Results up to `cut_upto` have at most `cut` characters (0: all of theirs).
    `after` is the tokens of the new prompt. All zero and empty: nothing was ever left out.
    """

    masked: int = 0
    dropped: int = 0
    summary: str = ""
    summarised: int = 0
    cut: int = 0
    cut_upto: int = 0
    after: int = 0
    entry_id: int = 0

    def as_data(self) -> JsonObject:
        """For the log; `entry_id` is the entry's own."""
        return {key: value for key, value in asdict(self).items() if key != "entry_id"}


def compaction_of(data: JsonObject, entry_id: int) -> Compaction:
    """The compaction that a log entry holds."""
    counts = {
        name: as_count(data.get(name)) for name in ("masked", "dropped", "summarised", "cut", "cut_upto", "after")
    }
    return Compaction(**counts, summary=as_text(data.get("summary")), entry_id=entry_id)


def told_summary(summary: str) -> str:
    """The model's summary as it stands in the prompt: as harness text, so that it is no user's word."""
    return (
        f"[harness] {SUMMED_UP_MARK[0]}; their effects on the files stand, and the "
        f"user's requests above stand word for word. What you noted of those steps:\n\n{summary}"
    )


def digest(lines: Sequence[str]) -> str:
    """What stands in the place of old steps: a line for each call that was made in them, the newest 80 at most."""
    left_out = len(lines) - MOST_DIGEST_LINES
    older = [f"- {left_out} calls before these"] if left_out > 0 else []
    return f"[harness] {len(lines)} {SUMMED_UP_MARK[1]}; their effects on the files stand:\n" + "\n".join(
        [*older, *lines[-MOST_DIGEST_LINES:]]
    )


def digest_line(tool: str, summary: str, ok: bool) -> str:
    """One call of an old step."""
    short = " ".join(summary.split())
    short = short if len(short) <= DIGEST_CHARACTERS else short[: DIGEST_CHARACTERS - 1] + "…"
    return f"- {tool}: {short}" + ("" if ok else " (failed)")


def bounded(text: str, context_tokens: int = 0) -> str:
    """A tool result of at most 48 kB, and of no more bytes than a small server's context has tokens.

    Digits and rare characters cost a token a byte, so characters alone bound nothing.
    """
    most = min(MOST_RESULT_BYTES, context_tokens or MOST_RESULT_BYTES)
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return text
    head, tail = data[: most * 2 // 3], data[-most // 3 :]
    left_out = len(data) - len(head) - len(tail)
    note = f"\n[harness] {left_out:,} bytes in the middle of this result were left out.\n"
    return head.decode("utf-8", "ignore") + note + tail.decode("utf-8", "ignore")


def masked(text: str) -> str:
    """What stands in the place of an old result."""
    if len(text) < LEAST_CHARACTERS:
        return text
    return (
        f"{text[:SHOWN_CHARACTERS]} […]\n{MASKED_MARK} ({len(text):,} characters in all) was "
        "left out to make room. Make the call again if you need it."
    )


def cut_short(text: str, most: int) -> str:
    """A recent result that must shrink: its head and its tail, `most` characters in all."""
    if len(text) <= most:
        return text
    head = most * 2 // 3
    tail = most - head
    return (
        f"{text[:head]}\n[harness] {len(text) - most:,} characters in the middle of this output were left out to make "
        f"room. Make the call again, in parts, if you need them.\n{text[len(text) - tail :]}"
    )
