"""Rows: what is read, what is refused with line and field, which image, which rows."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.errors import BatchError
from jobs.batch.evaluation import EVALUATION
from jobs.batch.images import image_name
from jobs.batch.rows import RESERVED, GradedInstance, Instance, load_rows
from jobs.batch.selection import select, slice_of
from tests.jobs.places import SECRET, instance, raw_row


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_bad_rows_are_named_and_the_rest_is_there(tmp_path: Path) -> None:
    path = write(
        tmp_path / "rows.jsonl",
        raw_row(),
        "{not json",
        "",
        raw_row("acme__calc-2", problem_statement=None),
        raw_row("../escape"),
        raw_row(),
        raw_row("acme__calc-3", base_commit="main; rm -rf /"),
        [1],
        raw_row("acme__calc-4"),
    )
    loaded = load_rows(path, Instance)
    assert [row.instance_id for row in loaded.rows] == ["acme__calc-1", "acme__calc-4"]
    named = [(2, "no JSON"), (4, "problem_statement"), (5, "instance_id"), (6, "twice"), (7, "base_commit"), (8, "row")]
    assert len(loaded.problems) == len(named)
    for problem, (line, word) in zip(loaded.problems, named, strict=True):
        assert f"{path}:{line}: " in problem
        assert word in problem
    assert SECRET not in "".join(loaded.problems)


@pytest.mark.parametrize("kind", [Instance, GradedInstance])
def test_null_is_a_field_that_is_not_there(tmp_path: Path, kind: type[Instance] | type[GradedInstance]) -> None:
    optional = dict.fromkeys(("repo", "version", "difficulty", "image", "hints_text", "eval_type"))
    path = write(tmp_path / "rows.jsonl", raw_row(**optional), raw_row("acme__calc-2", version=4.2, difficulty=1))
    loaded = load_rows(path, kind)
    assert (len(loaded.rows), loaded.problems) == (2, ())
    for row in loaded.rows:
        if isinstance(row, Instance):
            told = (row.repo, row.version, row.difficulty)
            assert told == (("", "", "") if row.instance_id == "acme__calc-1" else ("acme/calc", "4.2", "1"))


@pytest.mark.parametrize("field", ["instance_id", "problem_statement", "base_commit"])
@pytest.mark.parametrize("how", ["null", "absent"])
def test_what_is_needed_and_not_there_is_a_sentence(tmp_path: Path, field: str, how: str) -> None:
    row = {**raw_row(), field: None}
    path = write(tmp_path / "rows.jsonl", row if how == "null" else {k: v for k, v in row.items() if k != field})
    (problem,) = load_rows(path, Instance).problems
    assert problem == f"{path}:1: {field}: is needed, and missing or null."


RESERVED_IDS = [
    "evaluation",
    "Evaluation",
    "run.json",
    "preds.json",
    "PREDS.jsonl",
    "report.html",
    "lock",
    "images.json",
]


@pytest.mark.parametrize("name", [*RESERVED_IDS, "..", ".", "a/b", "/etc", "a\\b", "x" * 300, "", "a b", "-rf", "a\n"])
def test_ids_that_cannot_name_a_folder_are_refused_by_a_sentence(tmp_path: Path, name: str) -> None:
    loaded = load_rows(write(tmp_path / "rows.jsonl", raw_row(name), raw_row("acme__calc-2")), Instance)
    assert [row.instance_id for row in loaded.rows] == ["acme__calc-2"]
    (problem,) = loaded.problems
    assert problem.startswith(f"{tmp_path}/rows.jsonl:1: instance_id: ")
    assert ("files and folders of the results" if name in RESERVED_IDS else "at most 200") in problem


def test_ids_that_differ_only_in_case_would_share_a_folder_and_an_image(tmp_path: Path) -> None:
    loaded = load_rows(write(tmp_path / "rows.jsonl", raw_row("Acme__calc-1"), raw_row("acme__Calc-1")), Instance)
    assert [row.instance_id for row in loaded.rows] == ["Acme__calc-1"]
    (problem,) = loaded.problems
    assert "acme__Calc-1 differs from Acme__calc-1 only in upper and lower case" in problem


def test_every_file_beside_the_instances_is_a_name_that_none_may_have() -> None:
    """Names that the code writes into an output folder, read off the code itself."""
    import re

    root = Path(__file__).parents[2]
    written: set[str] = set()
    for path in [*(root / "jobs/batch").rglob("*.py"), *(root / "cli/batch").rglob("*.py"), root / "cli/lock.py"]:
        text = path.read_text()
        written |= set(re.findall(r'(?:out|_out|directory) / "([\w.-]+)"', text))
        written |= {EVALUATION} if "EVALUATION" in text else set()
    assert len(written) > 8
    assert {name for name in written if name not in RESERVED} == set()


def test_an_instance_holds_nothing_hidden() -> None:
    assert SECRET not in instance().model_dump_json()


def test_a_json_file_may_hold_a_list(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([raw_row(), raw_row("acme__calc-2")]))
    assert len(load_rows(path, Instance).rows) == 2
    path.write_text("{")
    with pytest.raises(BatchError, match="no JSON"):
        load_rows(path, Instance)


@pytest.mark.parametrize("tests", ['["a", "b"]', ["a", "b"]])
def test_test_lists_are_strings_of_json_or_lists(tests: object) -> None:
    row = GradedInstance.model_validate(raw_row(FAIL_TO_PASS=tests))
    assert row.FAIL_TO_PASS == ("a", "b")


@given(st.text(alphabet="abcXYZ019_-.", min_size=1, max_size=30))
def test_official_names_are_lower_case_without_double_underscores(name: str) -> None:
    image = image_name(name)
    assert image == image.lower()
    assert image.startswith("docker.io/swebench/sweb.eval.x86_64.")
    assert image.endswith(":latest")
    # The official rule leaves one of three in a row beside its replacement; no instance is named so.
    assert "___" in name or "__" not in image.removesuffix(":latest")


def test_the_row_names_its_image_first() -> None:
    assert image_name("Sympy__sympy-1") == "docker.io/swebench/sweb.eval.x86_64.sympy_1776_sympy-1:latest"
    row = Instance.model_validate(raw_row(image="own/image:1", docker_image="other"))
    assert row.container_image == "own/image:1"
    assert Instance.model_validate(raw_row(docker_image="other")).container_image == "other"


ROWS = [instance(f"a__b-{number}") for number in range(12)]


@given(st.integers(), st.integers(-15, 15), st.integers(-15, 15))
def test_a_slice_is_taken_of_the_shuffled_order(seed: int, first: int, last: int) -> None:
    everything = select(ROWS, None, seed, None)
    assert sorted(row.instance_id for row in everything) == sorted(row.instance_id for row in ROWS)
    assert select(ROWS, None, seed, slice_of(f"{first}:{last}")) == everything[first:last]


def test_ids_keep_their_order_and_unknown_ones_are_named() -> None:
    assert [row.instance_id for row in select(ROWS, ["a__b-7", "a__b-2", "a__b-7"], None, None)] == ["a__b-7", "a__b-2"]
    with pytest.raises(BatchError, match="a__b-99"):
        select(ROWS, ["a__b-1", "a__b-99"], None, None)


@pytest.mark.parametrize("text", ["5", "a:b", "1:2:0", "", "1:2:3:4"])
def test_what_is_no_slice(text: str) -> None:
    with pytest.raises(ValueError, match="slice"):
        slice_of(text)
