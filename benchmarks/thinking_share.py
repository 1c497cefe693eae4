"""The share of steps that each policy thinks on: `python -m benchmarks.thinking_share STEPS.jsonl`.

One line per recorded run: {"steps": [[kind, return code, tokens said, …], …]} with kind one of read, edit, run, test,
submit, other, none (no command); a return code of null is a command that was refused before it ran. The decisions
are made by the engine's own functions. Repeated calls, `git diff` before submitting and faulty answers are not in such
a file, so the share is a lower bound.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from agent.state import TurnState
from agent.step import signals_of, with_lessons
from agent.thinking import POLICIES, Outcome, Policy, StepMode, decide
from agent.thinking.experience import StepKind
from agent.thinking.table import REVIEWS, reason_of
from benchmarks.table import row

KINDS: dict[str, StepKind] = {"edit": "edit", "test": "test", "run": "command", "other": "command"}
PARTS = 5


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    code: int | None
    said: int = 0

    @property
    def failed(self) -> bool:
        return self.kind not in ("none", "submit") and self.code != 0

    @property
    def outcome(self) -> Outcome:
        if self.failed:
            return "test_failed" if self.kind == "test" else "failed"
        return "none" if self.kind == "none" else "test_passed" if self.kind == "test" else "ok"


@dataclass(frozen=True, slots=True)
class Decided:
    """A step with the mode that it was decided to be made in, and the pace of the session then."""

    step: Step
    mode: StepMode
    pace: str


def runs(path: Path) -> Iterator[list[Step]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        steps = cast("list[tuple[str, int | None, int, int]]", json.loads(line)["steps"])
        yield [Step(step[0], step[1], step[2]) for step in steps]


def decisions(policy: Policy, steps: list[Step]) -> Iterator[Decided]:
    """The mode of each step of a run; the state goes on as in `agent.nodes`."""
    turn = TurnState()
    for step in steps:
        turn = with_lessons(turn)
        mode = decide(policy, signals_of(turn))
        yield Decided(step, mode, turn.pace)
        turn = after(turn, mode, step)


def after(turn: TurnState, mode: StepMode, step: Step) -> TurnState:
    """The state after a step was made in this mode."""
    edited = step.kind == "edit" and not step.failed
    unusable = step.kind == "none"
    return replace(
        turn,
        step=turn.step + 1,
        turn_step=turn.turn_step + 1,
        thinking=mode.thinking,
        row=mode.row,
        steps_without_thought=0 if mode.thinking else turn.steps_without_thought + 1,
        outcome=step.outcome,
        edited=edited or (turn.edited and mode.row not in REVIEWS),
        kind=KINDS.get(step.kind, "read"),
        written=step.said if edited else 0,
        fault="announced" if unusable else None,
        fault_count=turn.fault_count + 1 if unusable else 0,
    )


def main() -> None:
    recorded = list(runs(Path(sys.argv[1])))
    total = sum(len(steps) for steps in recorded)
    print(f"{len(recorded)} runs, {total} steps")
    for policy in POLICIES:
        made = [list(decisions(policy, steps)) for steps in recorded]
        row(f"steps with thought, {policy}", share(made), "%", "")
        if policy == "auto":
            detail(made)


def share(made: list[list[Decided]]) -> float:
    flat = [decided.mode.thinking for run in made for decided in run]
    return 100 * sum(flat) / max(len(flat), 1)


def detail(made: list[list[Decided]]) -> None:
    """By reason, by place in the run, by pace; and what followed failures."""
    flat = [decided for run in made for decided in run]
    for reason, count in Counter(reason_of(d.mode.row, "") for d in flat if d.mode.thinking).most_common():
        row(f"  {reason[:32]}", 100 * count / len(flat), "%", "")
    for part in range(PARTS):
        cut = [run[len(run) * part // PARTS : len(run) * (part + 1) // PARTS] for run in made]
        row(f"  part {part + 1} of {PARTS} of a run", share(cut), "%", "")
    for pace, count in Counter(decided.pace for decided in flat).most_common():
        row(f"  steps at the {pace} pace", 100 * count / len(flat), "%", "")
    failures = [(run[at], run[at + 1]) for run in made for at in range(len(run) - 1) if run[at].step.failed]
    row("  failed steps", len(failures), "", "")
    row("  of them followed without thought", sum(not later.mode.thinking for _, later in failures), "", "bar 0")
    direct = sum(not earlier.mode.thinking for earlier, _ in failures)
    row("  of them made without thought", direct, "", "")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.thinking_share STEPS.jsonl")
    main()
