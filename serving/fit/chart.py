"""A chart for the terminal: memory of one GPU against the context length."""

from dataclasses import dataclass

from serving.fit.gpus import GIB
from serving.fit.plan import Fit

HEIGHT = 12
_UNICODE = ("█", "▒", "░", "─", "╳")
_ASCII = ("#", "+", ".", "-", "!")


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: bytes of the weights, of weights and reserves, and of all; the column's context in tokens."""

    context: int
    weights: int
    fixed: int
    used: int


def bars(plan: Fit, agents: int, columns: int) -> list[Bar]:
    """So many columns, up to the native context (or the planned one, where that is longer)."""
    top = max(plan.checkpoint.shape.native_context, plan.context)
    contexts = [top * (column + 1) // columns for column in range(columns)]
    fixed = plan.budget.usable - plan.budget.cache
    return [Bar(context, plan.budget.weights, fixed, plan.used_at(context, agents)) for context in contexts]


def chart(plan: Fit, agents: int, width: int = 72, *, unicode: bool = True) -> str:
    """Weights, reserves and conversations as columns; a line where vLLM's share ends. `width` in characters."""
    block, weights, reserve, line, over = _UNICODE if unicode else _ASCII
    columns = max(8, min(64, width - 10))
    drawn = bars(plan, agents, columns)
    memory = plan.machine.gpu.memory
    top = min(max(memory, *(bar.used for bar in drawn)), 2 * memory)
    rows: list[str] = []
    limit = round(plan.budget.usable / top * HEIGHT)
    for row in range(HEIGHT, 0, -1):
        middle = (row - 0.5) / HEIGHT * top

        def cell(bar: Bar, middle: float = middle, row: int = row) -> str:
            if middle <= bar.weights:
                return weights
            if middle <= bar.fixed:
                return reserve
            if middle <= bar.used:
                return over if row > limit else block
            return line if row == limit + 1 else " "

        mark = f"{row / HEIGHT * top / GIB:6.1f} |"
        rows.append(mark + "".join(map(cell, drawn)).rstrip())
    axis = " " * 7 + "+" + "-" * columns
    last = f"{drawn[-1].context // 1024}k"
    middle_label = f"{drawn[columns // 2 - 1].context // 1024}k"
    labels = " " * 8 + middle_label.rjust(columns // 2) + last.rjust(columns - columns // 2)
    talk = f"{agents} conversation{'s' if agents > 1 else ''}"
    legend = f"{weights} weights  {reserve} reserves  {block} {talk} at once  {over} no room"
    head = f"GiB per GPU against context; the line {line * 2} is {plan.share:.0%} of {memory / GIB:.1f} GiB"
    return "\n".join([head, *rows, axis, labels, f"        {legend}"])
