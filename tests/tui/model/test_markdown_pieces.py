"""Pieces of a growing answer: nothing lost, none that a later token could change, drawn as the whole would be."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.conversation.answer_lines import AnswerLines
from tui.conversation.look import Look
from tui.model.blocks import AnswerBlock
from tui.model.markdown_pieces import LONGEST, stable_pieces

LINES = st.lists(
    st.sampled_from(
        ["", "", "words and *more*", "# head", "- item", "  - below", "1. one", "2. two", "```py", "```", "    code",
         "> said", "| a | b |", "|---|---|", "| 漢 | 字 |", "~~~", "x = 1", "  ```"]
    ),
    max_size=25,
)  # fmt: skip
LOOK = Look(40)
SAMPLE = """# Title

The sign in `add` is *wrong*.

1. one
2. two

```python
def add(a, b):

    return a + b
```
After the code.

| a | b |
|---|---|
| 1 | 漢字 |

> quote

- x
  - y

end"""


def grown(text: str, step: int) -> list[str]:
    """The lines of an answer that came in pieces of so many characters."""
    block, kept = AnswerBlock(), AnswerLines()
    for end in range(0, len(text), step):
        block.text = text[:end]
        kept.of(block, LOOK)
    block.text = text
    return [strip.text.rstrip() for strip in kept.of(block, LOOK)]


def at_once(text: str) -> list[str]:
    return [strip.text.rstrip() for strip in AnswerLines().of(AnswerBlock(text, done=True), LOOK)]


@given(LINES)
def test_pieces_are_the_beginning_of_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = stable_pieces(text)
    assert sum(piece.length for piece in pieces) <= len(text)
    assert "".join(piece.text for piece in pieces) == text[: sum(piece.length for piece in pieces)]


@given(LINES, st.integers(0, 200))
def test_what_follows_changes_no_piece(lines: list[str], at: int) -> None:
    text = "\n".join(lines)
    early, late = stable_pieces(text[:at]), stable_pieces(text)
    assert late[: len(early)] == early


@given(LINES, st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_an_answer_looks_the_same_however_it_came(lines: list[str], step: int) -> None:
    text = "\n".join(lines)
    assert grown(text, step) == at_once(text)


def test_a_sample_looks_the_same_as_in_one_piece() -> None:
    assert grown(SAMPLE, 3) == at_once(SAMPLE)
    assert "After the code." in at_once(SAMPLE)
    assert any("1  漢字" in line for line in at_once(SAMPLE))


def test_long_code_and_lists_are_cut_within_and_put_together_again() -> None:
    code = "```py\n" + "".join(f"x{number} = {number}\n" for number in range(3 * LONGEST)) + "```\nend"
    pieces = stable_pieces(code)
    assert len(pieces) == 3
    assert max(piece.length for piece in pieces) < 20 * LONGEST
    assert grown(code, 50) == at_once(code)
    items = "".join(f"{number}. item\n" for number in range(1, 3 * LONGEST))
    assert len(stable_pieces(items)) >= 2
    assert [line.split()[0] for line in grown(items, 50)] == [str(number) for number in range(1, 3 * LONGEST)]
