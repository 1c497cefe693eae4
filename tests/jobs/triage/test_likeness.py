"""Files behind a test's imports, by the names that they define."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.likeness import likely_files

FILES = {
    "tests/test_cart.py": "from shop import Cart\nimport os\n\n"
    "def test_strip_comments():\n    assert Cart().lines() == 3\n\ndef test_other(): ...\n",
    "shop/__init__.py": "from shop.cart import Cart\n",
    "shop/cart.py": "import shop.filters\nfrom shop import money\nfrom tests import helper\n"
    "class Cart:\n    def lines(self): ...\n",
    "shop/filters.py": "import shop.cart\nclass StripCommentsFilter: ...\n",
    "shop/money.py": "def add(): ...\n",
    "shop/never.py": "class StripComments: ...\n",
    "tests/helper.py": "def strip_comments(): ...\n",
}


def likely(files: dict[str, str], test: str = "test_strip_comments") -> list[str]:
    return likely_files("tests/test_cart.py", test, files.get, files.__contains__)


def test_what_is_called_like_the_test_comes_first() -> None:
    assert likely(FILES) == ["shop/filters.py", "shop/cart.py"]


def test_a_test_that_says_nothing_leads_nowhere() -> None:
    assert likely(FILES, "test_other") == []
    assert likely({"tests/test_cart.py": "def ("}) == []
    assert likely({}) == []


@given(st.dictionaries(st.sampled_from(sorted(FILES)), st.text(max_size=60)), st.text(max_size=20))
def test_whatever_the_files_hold_only_they_are_named(files: dict[str, str], name: str) -> None:
    assert set(likely(FILES | files, name)) <= set(FILES)
