"""Scripts whose steps follow recorded runs: order, kind, outcome and size of each step.

A recorded step is `[kind, return code, tokens said, tokens observed]`. How long the model thought is not recorded. It
follows the one published measure of a share: thinking is 60–90 % of the tokens that an agent writes (arknill blog,
Qwen3.5-35B-A3B). A step after a success gets the low end, a first step and one after a failure the high end. So what
`auto` still thinks on is dear and what it leaves out is cheap: the saving is not flattered.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

EASY_SHARE, HARD_SHARE = 0.6, 0.9
_CALL_TOKENS = 30
_BYTES_PER_WORD = 5
# Words of one token each, behind a space.
_WORDS = [
    "the",
    "line",
    "file",
    "test",
    "value",
    "state",
    "parser",
    "token",
    "name",
    "list",
    "check",
    "path",
    "code",
    "then",
    "call",
    "read",
    "this",
    "with",
    "from",
    "case",
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One step of a recorded run."""

    kind: str
    failed: bool
    said: int
    observed: int
    thought: int


def recorded(path: Path, instance: str) -> list[Recorded]:
    """The steps of one run. Raises `SystemExit` with a sentence when the file has no such run."""
    for text in path.read_text(encoding="utf-8").splitlines():
        run = json.loads(text)
        if run["instance_id"] == instance:
            break
    else:
        raise SystemExit(f"{path} has no run {instance!r}.")
    made: list[Recorded] = []
    hard = True
    for kind, code, said, observed in cast("list[tuple[str, int | None, int, int]]", run["steps"]):
        share = HARD_SHARE if hard else EASY_SHARE
        failed = kind != "submit" and code != 0
        made.append(Recorded(kind, failed, said, observed, round(said * share / (1 - share))))
        hard = failed
    return made


def turns(steps: list[Recorded], seed: str) -> list[dict[str, object]]:
    """What the model says, step by step, in the form that the scripted server reads."""
    luck = random.Random(seed)
    return [_turn(luck, number, step, last=number == len(steps) - 1) for number, step in enumerate(steps)]


def _turn(luck: random.Random, number: int, step: Recorded, *, last: bool) -> dict[str, object]:
    call: dict[str, object] = {"name": "submit", "arguments": {}}
    rest = max(step.said - _CALL_TOKENS, 1)
    if not last:
        size = step.observed * _BYTES_PER_WORD
        ending = "false" if step.failed else "true"
        shown = f"tail -c +{number * 700 + 1} text.txt | head -c {size}"
        commands = {
            "edit": f"cat > part{number}.txt <<'EOF'\n{words(luck, rest)}\nEOF\n{ending}",
            "test": f"sh run_tests.sh {number * 700 + 1} {size} {ending}",
            "run": f"sh run.sh {number * 700 + 1} {size} {ending}",
        }
        call = {"name": "bash", "arguments": {"command": commands.get(step.kind, f"{shown}; {ending}")}}
    say = "I write it down." if step.kind == "edit" and not last else words(luck, rest)
    return {"think": words(luck, step.thought), "say": say, "calls": [call]}


def words(luck: random.Random, count: int) -> str:
    """So many tokens that repeat nothing."""
    return " ".join(luck.choices(_WORDS, k=max(count, 1))) + "."


def lay_out(folder: Path, seed: str) -> None:
    """The files that the commands read."""
    luck = random.Random(seed)
    lines = (" ".join(luck.choices(_WORDS, k=12)) for _ in range(3000))
    (folder / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    for name in ("run.sh", "run_tests.sh"):
        (folder / name).write_text('tail -c +"$1" text.txt | head -c "$2"; "$3"\n', encoding="utf-8")
