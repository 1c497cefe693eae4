"""Rows: what is read, what is refused with line and field, which image, which rows."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.errors import BatchError
from jobs.batch.images import image_name
from jobs.batch.rows import GradedInstance, Instance, load_rows
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
