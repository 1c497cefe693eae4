"""How many more workers a server takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.admission import Rules, admission
from serving.metrics import Snapshot


def at(running: int, waiting: int, kv_use: float | None, preemptions: float = 0) -> Snapshot:
    return Snapshot(0.0, running=running, waiting=waiting, kv_use=kv_use, preemptions=preemptions)


@pytest.mark.parametrize(
    ("now", "active", "more", "words"),
    [
        (None, 0, 4, "does not tell"),
        (None, 3, 1, "does not tell"),
        (None, 9, 0, "does not tell"),
        (Snapshot(0.0, running=1), 0, 4, "does not tell"),
        (at(0, 0, 0.0), 0, 4, "idle"),
        (at(2, 1, 0.1), 2, 0, "1 requests wait"),
        (at(4, 0, 0.8), 4, 0, "80% full"),
        (at(4, 0, 0.4), 4, 4, "40% full with 4"),
        (at(4, 0, 0.7), 4, 0, "70% full with 4"),
        (at(8, 0, 0.64), 8, 2, "64% full with 8"),
        (at(1, 0, 0.01), 1, 1, "with 1 running"),
        (at(0, 0, 0.0), 6, 6, "with 6 running"),
        (at(3, 0, None), 1, 3, "how full"),
    ],
)
def test_room(now: Snapshot | None, active: int, more: int, words: str) -> None:
    told = admission(active, now)
    assert (told.more, words in told.reason) == (more, True), told


def test_preemptions_stop_admission_only_while_they_rise() -> None:
    assert admission(4, at(4, 0, 0.4, 7), at(4, 0, 0.4, 5)).more == 0
    assert admission(4, at(4, 0, 0.4, 7), at(4, 0, 0.4, 7)).more == 4


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 5), st.floats(0.001, 1), st.floats(0.1, 1))
def test_never_past_the_mark_and_never_negative(
    active: int, running: int, waiting: int, kv_use: float, mark: float
) -> None:
    told = admission(active, at(running, waiting, kv_use), rules=Rules(kv_mark=mark))
    assert told.more >= 0
    if told.more and max(running, active):
        assert not waiting
        assert kv_use + told.more * kv_use / max(running, active) <= mark + 1e-9
