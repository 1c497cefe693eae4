"""Every way in which a model, its server or the line between them is known to fail, and what is done about it.

The one table: the code counts by its counters (`Engine.survived`, kind "failure" in the session log), the statistics
show them, `docs/failures.md` is drawn from it, and a test holds every row to a test that exists. Rows that a client
cannot tell apart share a counter. Facts: vLLM 0.32's parser, measured; numbers are issues of vllm-project/vllm where
nothing else is said.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Counter: TypeAlias = Literal[
    "call_in_reasoning",
    "call_in_text",
    "call_without_wrapper",
    "call_as_json",
    "call_dropped",
    "call_quoted",
    "call_damaged",
    "value_cut",
    "arguments_invalid",
    "tool_unknown",
    "call_repeated",
    "call_announced",
    "code_only_shown",
    "submit_unchanged",
    "empty_answer",
    "reasoning_in_text",
    "other_side",
    "reasoning_over_budget",
    "answer_repeats",
    "cut_in_reasoning",
    "cut_in_text",
    "cut_in_call",
    "answer_aborted",
    "stream_error",
    "stream_cut",
    "pieces_mended",
    "context_overflow",
    "history_refused",
    "pictures_refused",
    "force_refused",
    "server_busy",
    "server_failed",
    "connection_lost",
    "server_away",
    "first_token_late",
]


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: what happens, its counter (None: legal, nothing to count), how it is noticed, what is done, its tests.

    A test is named "file::function" below `tests/`.
    """

    symptom: str
    counter: Counter | None
    detection: str
    action: str
    tests: tuple[str, ...]
