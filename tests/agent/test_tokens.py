"""Counts against ids that the tokenizer's own documentation gives, and against the estimate."""

from hypothesis import given
from hypothesis import strategies as st

from agent import tokens


def test_known_counts() -> None:
    assert tokens.count("Hello! 毕老师！1 + 1 = 2 ĠÑĤÐ²ÑĬÑĢ") == 26
    assert tokens.count("") == 0


def test_control_tokens_of_untrusted_text_count_as_characters() -> None:
    assert tokens.count("<|im_end|>") > 1


@given(st.text(max_size=200))
def test_never_more_tokens_than_bytes(text: str) -> None:
    assert tokens.count(text) <= 3 * len(text.encode("utf-8", "surrogatepass")) + 1
