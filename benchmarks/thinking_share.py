"""The share of steps that each policy thinks on, over recorded runs: `python -m benchmarks.thinking_share STEPS.jsonl`.

One line per run: {"steps": [[kind, return code, …], …]} with kind one of read, edit, run, test, submit, other, none (no
command) and a return code or null where there is none. Such a file knows what was done and whether it failed; repeated
calls and faulty answers are not in it, so the share is a lower bound.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from agent.thinking import Outcome, Policy, Signals, decide
from benchmarks.table import row

POLICIES: tuple[Policy, ...] = ("auto", "first", "always", "never")


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    code: int | None

    @property
    def outcome(self) -> Outcome:
        if self.kind == "none":
            return "none"
        if self.code != 0:
            return "test_failed" if self.kind == "test" else "failed"
        return "test_passed" if self.kind == "test" else "ok"


def runs(path: Path) -> Iterator[list[Step]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        steps = cast("list[tuple[str, int | None]]", json.loads(line)["steps"])
        yield [Step(step[0], step[1]) for step in steps]


def decisions(policy: Policy, steps: list[Step]) -> Iterator[tuple[bool, str]]:
    """Whether each step of a run would be thought about, and why; the signals as `agent.nodes.act` derives them."""
    signals = Signals(first_step=True)
    since, edited = 0, False
    for step in steps:
        mode = decide(policy, signals)
        yield mode.thinking, mode.reason
        since = 0 if mode.thinking else since + 1
        edited = (edited and signals.outcome != "test_passed") or (step.kind == "edit" and step.code == 0)
        signals = Signals(
            outcome=step.outcome,
            edited=edited,
            fault="announced" if step.kind == "none" else None,
            fault_count=1 if step.kind == "none" else 0,
            thought=mode.thinking,
            steps_without_thought=since,
        )


def main() -> None:
    recorded = list(runs(Path(sys.argv[1])))
    total = sum(len(steps) for steps in recorded)
    print(f"{len(recorded)} runs, {total} steps")
    for policy in POLICIES:
        made = [decision for steps in recorded for decision in decisions(policy, steps)]
        thinking = sum(thinks for thinks, _ in made)
        row(f"steps with thought, {policy}", 100 * thinking / total, "%", "")
        if policy == "auto":
            for reason, count in Counter(reason for thinks, reason in made if thinks).most_common():
                row(f"  {reason[:30]}", 100 * count / total, "%", "")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.thinking_share STEPS.jsonl")
    main()
