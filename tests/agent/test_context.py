"""What stands in the place of what was left out: short, and it says how much is missing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from agent.context import (
    MOST_DIGEST_LINES,
    MOST_RESULT_BYTES,
    Compaction,
    bounded,
    compaction_of,
    cut_short,
    digest,
    digest_line,
    masked,
)


@given(st.text(max_size=2000))
def test_a_masked_text_is_never_longer_by_much_and_says_what_is_missing(text: str) -> None:
    shown = masked(text)
    assert shown == text or (f"{len(text):,} characters" in shown and len(shown) < 400)


@given(st.text(max_size=300), st.integers(0, 300))
def test_a_result_is_bounded_in_bytes_and_says_so(text: str, times: int) -> None:
    shown = bounded(text * times)
    assert len(shown.encode()) <= MOST_RESULT_BYTES + 100
    assert shown == text * times or "bytes in the middle of this result were left out" in shown


@given(st.text(min_size=1, max_size=300), st.integers(0, 300), st.integers(1000, 40_000))
def test_a_small_context_bounds_a_result_further(text: str, times: int, context: int) -> None:
    shown = bounded(text * times, context)
    assert len(shown.encode()) <= context + 100


@given(st.text(max_size=3000), st.integers(1, 2000))
def test_a_result_that_is_cut_short_says_by_how_much(text: str, most: int) -> None:
    shown = cut_short(text, most)
    if len(text) <= most:
        assert shown == text
        return
    told = re.search(r"\[harness\] ([\d,]+) characters", shown[most * 2 // 3 :])
    assert told is not None
    assert int(told[1].replace(",", "")) == len(text) - most
    assert shown.startswith(text[: most * 2 // 3])
    assert len(shown) < most + 200


@given(st.integers(1, 400))
def test_a_digest_tells_the_newest_calls_and_counts_the_others(calls: int) -> None:
    told = digest([digest_line("bash", f"command {number}", ok=number % 2 == 0) for number in range(calls)])
    lines = told.splitlines()
    assert f"{calls} earlier calls" in lines[0]
    assert f"command {calls - 1}" in lines[-1]
    assert len(lines) <= MOST_DIGEST_LINES + 2
    if calls > MOST_DIGEST_LINES:
        assert lines[1] == f"- {calls - MOST_DIGEST_LINES} calls before these"


COUNTS = st.integers(0, 10**6)


@given(st.builds(Compaction, COUNTS, COUNTS, st.text(), COUNTS, COUNTS, COUNTS, COUNTS, COUNTS))
def test_the_log_gives_a_compaction_back(made: Compaction) -> None:
    assert compaction_of(made.as_data(), made.entry_id) == made
