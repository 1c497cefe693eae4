"""The decision: policy and signals in, mode out. Pure, and total over every signal.

The rules of `auto` start from what is published (Ares, arXiv 2603.07915; overthinking, arXiv 2502.08235;
pydantic-ai-harness #84). Switching is free for the prefix cache with the Qwen3.5 template:
`tests/live/test_prefix_cache.py` measures it.
"""

from collections.abc import Set

from agent.policies import Policy
from agent.thinking.budgets import BudgetKind, Budgets
from agent.thinking.signals import DIRECT_SAMPLING, THINKING_SAMPLING, Signals, StepMode
from agent.thinking.table import AUTO, RECOVERY, ROUTINE, Row


def decide(
    policy: Policy, signals: Signals, budgets: Budgets | None = None, rows_off: Set[str] = frozenset()
) -> StepMode:
    """The mode of the next step. Recovery from a fault overrides every policy but `never`; `rows_off` names rows of
    `auto` that do not count.
    """
    budgets = budgets or Budgets()
    if policy == "never":
        return _mode(thinking=False, budget=0, reason="policy: never", row="never")
    if signals.fault is not None:
        for row in RECOVERY:
            if row.applies(signals):
                return _by_row(row, signals, budgets)
    if policy == "auto":
        rows = (row for row in AUTO if row.name not in rows_off)
        return _by_row(next((row for row in rows if row.applies(signals)), ROUTINE), signals, budgets)
    kind: BudgetKind = "first" if signals.first_step else "other"
    if policy == "always":
        return _mode(thinking=True, budget=budgets.of(kind), reason="policy: always", row="always")
    if signals.first_step:
        return _mode(thinking=True, budget=budgets.first, reason="first step of a request", row="first")
    return _mode(thinking=False, budget=0, reason="policy: first step only", row="first")


def _by_row(row: Row, signals: Signals, budgets: Budgets) -> StepMode:
    thinking = row.thinks(signals)
    reason = row.reason
    if row.paced and signals.pace != "usual" and signals.experience:
        reason = f"{reason} ({signals.experience})"
    return _mode(thinking=thinking, budget=budgets.of(row.budget) if thinking else 0, reason=reason, row=row.name)


def _mode(*, thinking: bool, budget: int, reason: str, row: str) -> StepMode:
    return StepMode(thinking, budget, THINKING_SAMPLING if thinking else DIRECT_SAMPLING, reason, row)
