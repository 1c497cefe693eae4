"""The table of failures holds: every counter has a row and is counted somewhere, every row names tests that exist."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from agent.failures import document as pages
from agent.failures.rows import FAILURES
from agent.failures.table import Counter, Failure

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ROOT.parent / "agent"
TABLE = {PRODUCT / "failures" / name for name in ("table.py", "rows.py", "document.py", "escalation.py")}


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.symptom[:40] if isinstance(row, Failure) else "")
def test_a_row_names_tests_that_exist(row: Failure) -> None:
    assert row.tests
    for test in row.tests:
        file, _, name = test.partition("::")
        assert name in functions(ROOT / file), f"{test} does not exist"


def test_every_counter_has_a_row_and_every_row_a_counter() -> None:
    assert {row.counter for row in FAILURES} - {None} == set(get_args(Counter))


@pytest.mark.parametrize("counter", get_args(Counter))
def test_a_counter_is_counted_by_the_code_and_asserted_by_a_test(counter: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PRODUCT.rglob("*.py") if path not in TABLE)
    assert f'"{counter}"' in code
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("test_*.py") if path != Path(__file__))
    assert f'"{counter}"' in tests


def test_the_page_is_fresh() -> None:
    assert pages.DOCUMENT.read_text(encoding="utf-8") == pages.document()
