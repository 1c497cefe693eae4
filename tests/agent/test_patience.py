"""The judgement of a silent server, look by look."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.patience import GivenUp, Pace, Pulse, Vigil, rounded

PACE = Pace(stall_s=100.0, away_s=30.0, first_look_s=8.0, longest_pause_s=60.0)
IDLE = Pulse("alive", 0, 0, (1.0,))


def vigil(prompt_tokens: int = 61_234) -> Vigil:
    return Vigil("http://server/v1", 900.0, PACE, prompt_tokens, 0.0)


@pytest.mark.parametrize(
    ("pulse", "begun", "told"),
    [
        (Pulse("alive", 4, 4, (1.0,)), False, "Queued behind up to 7 requests (4 running, 3 waiting)."),
        (Pulse("alive", 1, 1, (1.0,)), False, "Queued behind 1 request (1 running, 0 waiting)."),
        (Pulse("alive", 1, 0, (1.0,)), False, "The server is reading a prompt of about 61,000 tokens."),
        (
            Pulse("alive", 3, 0, (1.0,)),
            False,
            "The server is reading a prompt of about 61,000 tokens beside 2 requests.",
        ),
        (IDLE, False, "The server has not begun with this request yet."),
        (Pulse("alive", 2, 0, (1.0,)), True, "The answer has paused; the server is alive (it computes 2 requests)."),
        (
            Pulse("alive", 2, 5, (1.0,)),
            True,
            "The answer has paused; the server is alive (5 requests in its queue).",
        ),
        (Pulse("alive"), False, "The server is silent and has no /metrics to say why; waiting for up to 900 s."),
        (Pulse("away"), False, "The server does not answer a question about its load; waiting a little longer."),
    ],
)
def test_what_is_told_is_told_once_and_again_after_a_change(pulse: Pulse, *, begun: bool, told: str) -> None:
    wait = vigil()
    if begun:
        wait.heard(0.0)
    assert wait.see(pulse, 8.0) == told
    assert wait.see(pulse, 16.0) == ""
    other = replace(pulse, running=9, waiting=9, work=(5.0,), state="alive")
    assert wait.see(other, 24.0) not in ("", told)


def test_a_server_that_works_is_waited_for_without_end() -> None:
    wait = vigil()
    for look in range(1, 500):
        told = wait.see(Pulse("alive", 1, 3, (float(look),)), look * 60.0)
        assert isinstance(told, str)


def test_a_server_that_stands_still_is_given_up_after_the_stall_time_since_its_last_progress() -> None:
    wait = vigil()
    wait.see(Pulse("alive", 1, 0, (1.0,)), 10.0)
    wait.see(Pulse("alive", 1, 0, (2.0,)), 60.0)
    assert isinstance(wait.see(Pulse("alive", 1, 0, (2.0,)), 159.0), str)
    ended = wait.see(Pulse("alive", 1, 0, (2.0,)), 160.0)
    assert isinstance(ended, GivenUp)
    assert "no progress for 100 s (1 running, 0 waiting)" in ended.sentence


def test_a_sick_server_is_given_up_at_once_and_an_absent_one_after_a_while() -> None:
    assert isinstance(vigil().see(Pulse("ill"), 8.0), GivenUp)
    wait = vigil()
    assert isinstance(wait.see(Pulse("away"), 8.0), str)
    assert isinstance(wait.see(IDLE, 30.0), str)
    assert isinstance(wait.see(Pulse("away"), 40.0), str)
    assert isinstance(wait.see(Pulse("away"), 69.0), str)
    ended = wait.see(Pulse("away"), 70.0)
    assert isinstance(ended, GivenUp)
    assert ended.away


def test_a_server_without_metrics_has_the_fixed_patience() -> None:
    wait = vigil()
    assert isinstance(wait.see(Pulse("alive"), 899.0), str)
    assert isinstance(wait.see(Pulse("alive"), 900.0), GivenUp)
    wait.heard(950.0)
    assert isinstance(wait.see(Pulse("alive"), 1849.0), str)


def test_looks_come_at_growing_distances_and_start_anew_with_each_piece() -> None:
    wait, now, pauses = vigil(), 0.0, list[float]()
    for _ in range(6):
        pauses.append(wait.next_look_s(now))
        now += pauses[-1]
        wait.see(Pulse("alive", 1, 1, (now,)), now)
    assert pauses == [8, 16, 32, 60, 60, 60]
    wait.heard(now + 1)
    assert wait.next_look_s(now + 3) == 6


PULSES = st.builds(
    Pulse,
    st.sampled_from(["alive", "ill", "away"]),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(0, 9),
    st.sampled_from([(), (1.0,), (2.0,)]),
)


@given(st.lists(st.tuples(PULSES, st.floats(0.1, 60), st.booleans()), max_size=40))
def test_no_series_of_looks_breaks_it_or_ends_the_wait_before_its_time(
    looks: list[tuple[Pulse, float, bool]],
) -> None:
    wait, now = vigil(), 0.0
    for pulse, pause, heard in looks:
        now += pause
        if heard:
            wait.heard(now)
        assert wait.next_look_s(now) >= 0
        told = wait.see(pulse, now)
        if isinstance(told, GivenUp):
            silent = now - wait.heard_s
            assert pulse.state == "ill" or silent >= PACE.away_s
            assert told.sentence.startswith("The server at http://server/v1")
            return


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (7, 7), (99, 99), (101, 100), (61_234, 61_000), (987_654, 990_000)]
)
def test_estimates_have_two_digits(count: int, told: int) -> None:
    assert rounded(count) == told
