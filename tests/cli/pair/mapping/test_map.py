"""The map: definitions by language, and never more than the budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.pair.mapping.drawn import drawn
from cli.pair.mapping.outline import outline

PARTS = st.text("abct_", min_size=1, max_size=6)
PATHS = st.lists(st.lists(PARTS, min_size=1, max_size=4).map("/".join), unique=True, max_size=30)


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        (
            "a.py",
            "import x\nclass A(B):\n  def run(self): ...\n  def _hid(self): ...\n\nasync def go(): ...\n",
            ["A(run)", "go"],
        ),
        ("a.py", "def broken(:\nclass Half\n", ["broken", "Half"]),
        (
            "a.ts",
            "export default class Foo {}\nexport const bar = 1\nfunction baz() {}\nconst local = 1\n",
            ["Foo", "bar", "baz"],
        ),
        ("a.go", "package x\nfunc (s *Server) Serve() {}\nfunc Run() {}\ntype T struct {}\n", ["Serve", "Run", "T"]),
        ("a.rs", "pub(crate) async fn go() {}\nstruct S;\n  fn inner() {}\n", ["go", "S"]),
        ("a.java", "public final class A {\n    private enum E { X }\n}\n", ["A", "E"]),
        ("a.c", "static int add(int a, int b)\n{\n  return call(a);\n}\nstruct point {\n", ["add", "point"]),
        ("a.rb", "class A\n  def run\n  end\nend\n", ["A", "run"]),
        ("a.sh", "go() {\n:\n}\n", ["go"]),
        ("a.txt", "class A: ...", []),
    ],
)
def test_definitions(path: str, text: str, names: list[str]) -> None:
    assert outline(path, text) == names


@given(st.sampled_from(["a.py", "a.ts", "a.rs", "a.c", "a.java", "a.go", "a.php"]), st.text())
def test_no_text_breaks_it(path: str, text: str) -> None:
    assert len(outline(path, text)) <= 40


@given(PATHS, st.integers(0, 400))
def test_it_keeps_to_its_budget_and_counts_what_it_leaves_out(paths: list[str], budget: int) -> None:
    made = drawn(paths, {path: ("Name",) for path in paths[::2]}, budget, lambda line: len(line) + 1)
    lines = made.text.split("\n") if made.text else []
    left = len(paths) - made.shown
    assert sum(line.startswith("  ") for line in lines) == made.shown
    assert any(f"[{left:,} more" in line for line in lines) == (left > 0)
    # The line that says what is left out is there even where nothing fits.
    assert len(made.text) <= max(budget, len(lines[-1]) if lines else 0)


def test_tests_and_foreign_code_come_last() -> None:
    paths = ["tests/test_a.py", "vendor/b.py", "src/deep/c.py", "main.py"]
    made = drawn(paths, {path: ("f",) for path in paths}, 118, lambda line: len(line) + 1)
    assert "main.py: f" in made.text
    assert "c.py: f" in made.text
    assert "test_a.py" not in made.text
