"""How much a step may think, by what it thinks for."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

BudgetKind: TypeAlias = Literal["first", "failure", "stuck", "review", "stock", "other"]


@dataclass(frozen=True, slots=True)
class Budgets:
    """Most reasoning tokens of one step; 0 means no limit.

    Generous on purpose: unbudgeted thinking is what loses (Qwen3.6-27B, 92 tasks: 48.9 unbudgeted, 72.8 off, 76.1
    with a budget, entropy-exchange.synaptiq.ai), not thinking that ends by itself.
    """

    first: int = 16384
    failure: int = 8192
    stuck: int = 8192
    review: int = 8192
    stock: int = 4096
    other: int = 8192

    def of(self, kind: BudgetKind) -> int:
        """The budget of one kind of step."""
        match kind:
            case "first":
                return self.first
            case "failure":
                return self.failure
            case "stuck":
                return self.stuck
            case "review":
                return self.review
            case "stock":
                return self.stock
            case "other":
                return self.other


MEANINGS: dict[BudgetKind, str] = {
    "first": "the first step of a request: reading the task, making a plan",
    "failure": "after a failed test, call or answer",
    "stuck": "the same call again with the same result",
    "review": "looking over a change before going on or finishing",
    "stock": "taking stock after a stretch of direct steps",
    "other": "any other step under `always`",
}
