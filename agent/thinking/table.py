"""The table: what makes a step think, row by row; the first row that applies decides. `docs/thinking.md` shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.thinking.budgets import BudgetKind
from agent.thinking.signals import Pace, Signals


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pace changes: direct steps before stock is taken, and tokens from which a change is a large one."""

    stock_after: int
    large_change: int


# 600 tokens are some sixty lines: a quarter of the edits of 500 public SWE-bench runs are larger.
PACES: dict[Pace, Limits] = {
    "careful": Limits(stock_after=4, large_change=300),
    "usual": Limits(stock_after=10, large_change=600),
    "relaxed": Limits(stock_after=20, large_change=1200),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `when` says in words what `applies` says in code; `why` is the evidence.

    `thinks` may depend on the signals where a step is asked for again in the same or the other mode. `paced` rows
    depend on what the session taught, and their reason says so.
    """

    name: str
    when: str
    applies: Callable[[Signals], bool]
    thinks: Callable[[Signals], bool]
    budget: BudgetKind
    reason: str
    why: str
    paced: bool = False


def _on(_: Signals) -> bool:
    return True


def _off(_: Signals) -> bool:
    return False


def _same(signals: Signals) -> bool:
    return signals.thought


def _other(signals: Signals) -> bool:
    return not signals.thought


# After a faulty answer, whatever the policy (but not under `never`).
RECOVERY: tuple[Row, ...] = (
    Row(
        "runaway",
        "the last answer repeated itself",
        lambda s: s.fault == "runaway",
        _off,
        "failure",
        "reasoning ran away, asking for the answer directly",
        "more thought would go on in the loop (QwenLM/Qwen3.8 #145)",
    ),
    Row(
        "over_budget",
        "the last answer's thinking was cut at its budget",
        lambda s: s.fault == "budget",
        _off,
        "failure",
        "thinking reached its budget, asking for the answer directly",
        "what was thought stays in the prompt; the answer is what is missing",
    ),
    Row(
        "empty",
        "the last answer was empty, for the first time",
        lambda s: s.fault == "empty" and s.fault_count <= 1,
        _same,
        "failure",
        "an empty answer, asking once more",
        "a matter of chance (vLLM #55420): the same request again",
    ),
    Row(
        "empty_again",
        "two empty answers in a row",
        lambda s: s.fault == "empty" and s.fault_count == 2,
        _other,
        "failure",
        "another empty answer, trying the other mode",
        "the end of the turn is sampled inside the thinking (vLLM #55420)",
    ),
    Row(
        "empty_still",
        "more empty answers",
        lambda s: s.fault == "empty",
        _off,
        "failure",
        "still an empty answer, asking directly",
        "a required call leaves no room for thought",
    ),
    Row(
        "damaged_again",
        "a call arrived damaged twice, the last time without thought",
        lambda s: s.fault == "malformed" and s.fault_count == 2 and not s.thought,
        _on,
        "failure",
        "a call arrived damaged again, once with thought",
        "what failed without thought is tried once with it",
    ),
    Row(
        "damaged",
        "a call arrived damaged, or the answer was cut in its text",
        lambda s: s.fault in ("malformed", "truncated"),
        _off,
        "failure",
        "resending a call that arrived damaged",
        "the content is settled; only its form was wrong",
    ),
    Row(
        "announced",
        "a call was announced but not made",
        lambda s: s.fault == "announced",
        _off,
        "failure",
        "a call was announced but not made",
        "thinking hurts the emission of calls (Qwen3 #1817)",
    ),
)

# Under `auto`.
AUTO: tuple[Row, ...] = (
    Row(
        "first_step",
        "the first step of a request",
        lambda s: s.first_step,
        _on,
        "first",
        "first step of a request",
        "the plan is made here (pydantic-ai-harness #84)",
    ),
    Row(
        "stuck",
        "the same call gave the same answer for the third time",
        lambda s: s.repeated >= 2,
        _on,
        "stuck",
        "the same call gave the same answer again",
        "without thought it would be made again",
    ),
    Row(
        "test_failed",
        "a test failed",
        lambda s: s.outcome == "test_failed",
        _on,
        "failure",
        "a test failed",
        "always-low effort degrades an agent significantly (Ares, arXiv 2603.07915)",
    ),
    Row(
        "direct_failed",
        "a tool call failed that was made without thought",
        lambda s: s.outcome == "failed" and not s.thought,
        _on,
        "failure",
        "a tool call failed without thought, now with it",
        "what failed without thought is tried with it",
    ),
    Row(
        "failed",
        "a tool call failed",
        lambda s: s.outcome == "failed",
        _on,
        "failure",
        "a tool call failed",
        "pydantic-ai-harness #84: thought after tool errors",
    ),
    Row(
        "interrupted",
        "the last call was interrupted",
        lambda s: s.outcome == "interrupted",
        _on,
        "failure",
        "the last call was interrupted",
        "its effects are unknown: look before repeating",
    ),
    Row(
        "unsettled",
        "two of the last four steps failed",
        lambda s: s.troubles >= 2,
        _on,
        "failure",
        "two of the last four steps failed",
        "thought stays on until the ground is firm: no on and off with every second failure",
    ),
    Row(
        "review",
        "the tests pass after a change that was not looked over yet",
        lambda s: s.outcome == "test_passed" and s.edited,
        _on,
        "review",
        "tests pass: review before finishing",
        "the last step before an answer is the last chance",
    ),
    Row(
        "about_to_submit",
        "`git diff` or `git status` was run, or the task list is all done, and a change was not looked over yet",
        lambda s: s.closing and s.edited,
        _on,
        "review",
        "about to submit: review of the change",
        "as above, where no test was run",
    ),
    Row(
        "large_change",
        "the last step wrote a large change",
        lambda s: s.written >= PACES[s.pace].large_change,
        _on,
        "review",
        "a large change was just written",
        "more to be wrong in, and it is about to be built upon",
        paced=True,
    ),
    Row(
        "taking_stock",
        "a stretch of direct steps",
        lambda s: s.steps_without_thought >= PACES[s.pace].stock_after,
        _on,
        "stock",
        "taking stock after a run of direct steps",
        "reads and listings add up",
        paced=True,
    ),
)

ROUTINE = Row(
    "routine",
    "anything else: reads, listings, mechanical follow-ups",
    _on,
    _off,
    "other",
    "routine step",
    "60–90 % of the tokens where it gained nothing (arknill blog); without it 5.5 times as quick (intuitionlabs.tech)",
    paced=True,
)

SWITCHABLE = frozenset(row.name for row in AUTO)
# Steps that look over a change: after one of them it counts as looked over.
REVIEWS = frozenset({"review", "about_to_submit"})
_KNOWN = {row.name: row.reason for row in (*RECOVERY, *AUTO, ROUTINE)}


def reason_of(row: str, reason: str) -> str:
    """The reason as the statistics count it: without what a session taught, which changes from step to step."""
    return _KNOWN.get(row, reason)
