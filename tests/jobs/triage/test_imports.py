"""Files that a failing test imports."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.imports import imported_by_test

FILES = {
    "src/shop/__init__.py": "from .cart import Cart as Cart\nfrom .money import Money\n",
    "src/shop/cart.py": "",
    "src/shop/money.py": "",
    "src/shop/deep/__init__.py": "from . import inner\nfrom .inner import thing\n",
    "src/shop/deep/inner.py": "",
    "parse.py": "",
    "tests/helpers.py": "",
}


def files(source: str, test: str = "test_x") -> list[str]:
    tree = FILES | {"tests/test_x.py": source}
    return imported_by_test("tests/test_x.py", test, tree.get, tree.__contains__)


@pytest.mark.parametrize(
    ("source", "first"),
    [
        ("from shop.cart import Cart", "src/shop/cart.py"),
        ("from shop import Cart", "src/shop/cart.py"),
        ("from shop import cart", "src/shop/cart.py"),
        ("import shop.money as m", "src/shop/money.py"),
        ("import parse\ndef test_x(): parse.parse('')", "parse.py"),
        ("import shop\ndef test_x(): shop.Money()", "src/shop/money.py"),
        ("from shop.deep import thing", "src/shop/deep/inner.py"),
        ("from . import helpers", "tests/helpers.py"),
        ("from .helpers import x", "tests/helpers.py"),
    ],
)
def test_an_import_leads_to_its_file(source: str, first: str) -> None:
    assert files(source)[0] == first


def test_what_the_test_uses_comes_first() -> None:
    source = "from shop import Money, Cart\nimport parse\ndef test_x(): Cart(parse.x); Cart(1)\ndef test_y(): Money()"
    assert files(source)[:2] == ["src/shop/cart.py", "src/shop/__init__.py"]
    assert files(source, "test_y")[0] == "src/shop/money.py"


@pytest.mark.parametrize("source", ["def (", "import os, sys", "from ....... import x", "from shop import *", "\0"])
def test_what_leads_nowhere_leads_nowhere(source: str) -> None:
    assert [path for path in files(source) if path not in FILES] == []


@given(st.text(alphabet="import from.shopcart\n ()*as", max_size=80))
def test_any_source_is_survived(source: str) -> None:
    found = files(source)
    assert set(found) <= set(FILES)
    try:
        ast.parse(source)
    except SyntaxError:
        assert found == []
