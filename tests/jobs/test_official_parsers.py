"""The installed swebench package as our grader uses it, and our own rules beside it, on the same logs.

QWRIGHT_TEST_SWEBENCH names a Python that has the package; it stands apart because it brings 300 MB with it.
"""

import json
import os
import random
import subprocess
from pathlib import Path

from jobs.batch.grading import END, EXIT, START
from jobs.batch.log_labels import SIGNS
from jobs.batch.log_parsers import PARSERS
from jobs.batch.rows import GradedInstance
from jobs.batch.rules import OURS, rules_for
from jobs.batch.trial import text_of
from tests.jobs.places import raw_row
from tests.needs import missing

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "tests" / "fixtures" / "eval_logs"
# Grades each case by the rules of this interpreter's package: a row's fields and the name of a log's file.
THEIRS = """
import importlib, json, sys
from pathlib import Path
from jobs.batch.rows import GradedInstance
from jobs.batch.rules import rules_for
from jobs.batch.trial import text_of
grades = []
for case in json.load(sys.stdin):
    row = GradedInstance.model_validate(case["row"])
    rules = rules_for(row)
    grades.append([rules.name, rules.grade(text_of(Path(case["log"]).read_bytes())).model_dump(mode="json")])
labels = importlib.import_module("swebench.harness.infra_failure")
print(json.dumps({"grades": grades, "signs": labels.INFRA_FAILURE_SIGNATURES}))
"""


def official(cases: list[dict[str, object]]) -> dict[str, list[list[object]]]:
    python = os.environ.get("QWRIGHT_TEST_SWEBENCH")
    if not python:
        missing("a Python with the package swebench (QWRIGHT_TEST_SWEBENCH)")
    done = subprocess.run(
        [str(python), "-c", THEIRS],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def case(log: Path, parser: str, mend: list[str], keep: list[str], kind: str = "pass_and_fail") -> dict[str, object]:
    row = raw_row(FAIL_TO_PASS=mend, PASS_TO_PASS=keep, log_parser=parser, eval_type=kind)
    return {"row": row, "log": str(log)}


def random_log(chance: random.Random) -> str:
    """Lines as test runners print them, and some that only look so, with the markers mostly where they belong."""
    names = ["t.py::a", "t.py::b[x y]", "t.py::b[x z]", "t.py::c[/a/b.txt]", "t.py::c[//a]", "t.py::d[ü-é]", "[100%]"]
    shapes = [
        "{s} {n}",
        "{s} {n} - why: 1 - 2",
        "{n} {s}",
        "\x1b[32m{s}\x1b[0m {n}",
        "{s}",
        " {s} {n}",
        "{s} [3] f:1: no",
    ]
    lines = [
        chance.choice(shapes).format(s=chance.choice(["PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL"]), n=name)
        for name in chance.choices(names, k=chance.randrange(8))
    ]
    lines.append(chance.choice(["", "Executed 3 of 3", "Executed 0 of 0", "5 passing", ">>>>> Tests Errored"]))
    ends = chance.choice(["\n", "\n", "\r\n", "\r"])
    inside = [f"+ : '{START}'", *lines, f"+ : '{END}'", f"{EXIT}: {chance.choice([0, 0, 1, 2])}"]
    if chance.random() < 0.1:
        inside.pop(chance.choice([0, -1, -2]))
    return ends.join(["noise PASSED", *inside, "later"])


def cases_at_random(folder: Path, count: int) -> list[dict[str, object]]:
    chance = random.Random(11)
    names = ["t.py::a", "t.py::b[x y]", "t.py::b[x", "t.py::c[/b.txt]", "t.py::d[ü-é]", "t.py::nowhere", "[100%]"]
    cases: list[dict[str, object]] = []
    for number in range(count):
        path = folder / f"{number}.log"
        path.write_bytes(random_log(chance).encode() + chance.choice([b"", b"\xff\xfe"]))
        mend, keep = (chance.sample(names, chance.randrange(3)) for _ in range(2))
        kind = chance.choice(["pass_and_fail", "pass_and_fail", "fail_only"])
        cases.append(case(path, chance.choice(sorted(PARSERS)), mend, keep, kind))
    return cases


def recorded() -> list[dict[str, object]]:
    """Each recorded log with the tests that it should be asked for, read by each of our parsers."""
    told = json.loads((LOGS / "tests.json").read_text())
    return [
        case(LOGS / name, parser, it["FAIL_TO_PASS"], it["PASS_TO_PASS"])
        for name, it in sorted(told.items())
        for parser in sorted(PARSERS)
    ]


def test_our_rules_say_what_the_official_ones_say(tmp_path: Path) -> None:
    cases = [*recorded(), *cases_at_random(tmp_path, 600)]
    theirs = official(cases)["grades"]
    assert len(theirs) == len(cases)
    for given, (name, verdict) in zip(cases, theirs, strict=True):
        rules = rules_for(GradedInstance.model_validate(given["row"]))
        log = Path(str(given["log"]))
        ours = rules.grade(text_of(log.read_bytes())).model_dump(mode="json")
        assert (rules.name, str(name).split()[0]) == (OURS, "swebench")
        assert ours == verdict, (log.name, given["row"])
    # The comparison is of both kinds of verdict, else it would say nothing.
    resolved = [as_pair[1] for as_pair in theirs]
    assert 0.05 < sum("'resolved': True" in str(it) for it in resolved) / len(resolved) < 0.95


def test_parsers_that_are_not_ours_come_from_the_package() -> None:
    told = json.loads((LOGS / "tests.json").read_text())
    cases = [
        case(LOGS / name, it["parser"], it["FAIL_TO_PASS"], it["PASS_TO_PASS"])
        for name, it in sorted(told.items())
        if it["parser"] not in PARSERS
    ]
    grades = official(cases)["grades"]
    names = [str(it["log"]).rsplit("/", 1)[-1] for it in cases]
    verdicts = {name: "'resolved': True" in str(found) for name, (_, found) in zip(names, grades, strict=True)}
    assert verdicts == {name: ".gold." in name for name in names}
    assert {it["parser"] for it in told.values()} >= {"parse_log_django", "parse_log_pytest_v2", "parse_log_pytest"}


def test_our_labels_are_the_official_ones() -> None:
    told = {reason: [tier, "|".join(signs)] for reason, tier, signs in SIGNS}
    assert {str(reason): [tier, pattern] for reason, tier, pattern in official([])["signs"]} == told
