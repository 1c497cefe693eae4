"""What the cache meter makes of the log, in one go or step by step, and when it warns."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import events
from agent.cache_meter import CacheMeter, CacheReading
from agent.log import SessionLog
from tests.agent.harness import Bench
from tests.fakes.model import ScriptedModel, call, says


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    made = SessionLog.open(tmp_path / "log.sqlite", create=True)
    yield made
    made.close()


def asked(log: SessionLog) -> None:
    log.append("user", 0, {"text": "go"})


def answered(log: SessionLog, step: int, prompt: int, cached: int | None) -> None:
    log.append("assistant", step, {"usage": {"prompt_tokens": prompt, "cached_tokens": cached}})


def test_each_step_is_measured_against_the_prompt_before(log: SessionLog) -> None:
    asked(log)
    answered(log, 1, 1000, 0)
    answered(log, 2, 1300, 992)
    log.append("fault", 3, {"usage": {"prompt_tokens": 1300, "cached_tokens": 1296}})
    answered(log, 4, 1298, None)
    log.append("assistant", 5, {"estimated": True, "usage": {"completion_tokens": 9}})
    answered(log, 6, 1500, 1280)
    log.append("compaction", 6, {"upto": 3})
    answered(log, 7, 700, 100)
    asked(log)
    answered(log, 8, 900, 600)
    assert list(CacheMeter().readings(log)) == [
        CacheReading(1, 1000, 0, None),
        CacheReading(2, 1300, 992, 300),
        CacheReading(3, 1300, 1296, 0),
        CacheReading(4, 1298, None, 0),
        CacheReading(6, 1500, 1280, 202),
        CacheReading(7, 700, 100, None),
        CacheReading(8, 900, 600, None),
    ]


def test_share_and_recomputed_tokens() -> None:
    reading = CacheReading(2, 1000, 750, 200)
    assert (reading.share, reading.recomputed_tokens) == (0.75, 250)
    assert (CacheReading(2, 1000, None, 200).share, CacheReading(2, 1000, None, 200).recomputed_tokens) == (None, None)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9000), st.none() | st.integers(0, 9000)), max_size=15))
def test_step_by_step_it_reads_the_same_as_at_once(steps: list[tuple[bool, int, int | None]]) -> None:
    log = SessionLog.open(Path(":memory:"), create=True)
    meter, one_by_one = CacheMeter(), list[CacheReading]()
    for number, (fresh, prompt, cached) in enumerate(steps):
        if fresh:
            asked(log)
        answered(log, number, prompt, cached)
        if (reading := meter.latest(log)) is not None:
            one_by_one.append(reading)
    assert one_by_one == list(CacheMeter().readings(log))
    log.close()


def warnings(log: SessionLog, steps: list[tuple[int, int | None]]) -> list[str]:
    meter, said = CacheMeter(), list[str]()
    asked(log)
    for number, (prompt, cached) in enumerate(steps, 1):
        answered(log, number, prompt, cached)
        meter.latest(log)
        if sentence := meter.warning():
            said.append(sentence)
    return said


def test_a_server_without_a_cache_is_named_once(log: SessionLog) -> None:
    said = warnings(log, [(2000 + 500 * step, 0) for step in range(20)])
    assert said == [
        "Over the last 5 steps the server recomputed 17,500 tokens for 2,500 new ones; its prefix cache is off, too "
        "coarse or too small. See `qwright doctor`."
    ]


@pytest.mark.parametrize(
    "steps",
    [
        [(1000 * step, 1000 * (step - 1) - 16) for step in range(1, 20)],
        [(1000 * step, None) for step in range(1, 20)],
        [(100 * step, 0) for step in range(1, 7)],
        [(1000 * step, 0) for step in range(1, 6)],
    ],
    ids=["a good server", "one that does not tell", "tokens that do not matter", "too few steps"],
)
def test_nothing_is_said_without_need(log: SessionLog, steps: list[tuple[int, int | None]]) -> None:
    assert warnings(log, steps) == []


async def test_the_event_of_a_step_carries_it_and_the_warning_is_a_notice(tmp_path: Path) -> None:
    turns = [says(call("bash", command="true"), prompt=3000 + 400 * step, cached=16) for step in range(7)]
    bench = Bench(tmp_path, ScriptedModel([*turns, says(text="Done.", prompt=6000, cached=5600)]))
    await bench.open().run("go")
    finished = [event for event in bench.seen if isinstance(event, events.StepFinished)]
    assert [event.new_tokens for event in finished] == [None, *[400] * 6, 600]
    assert finished[1].recomputed_tokens == 3384
    assert finished[-1].cached_share == pytest.approx(5600 / 6000)
    notices = [event.text for event in bench.seen if isinstance(event, events.Notice)]
    assert len([text for text in notices if "qwright doctor" in text]) == 1
    bench.close()
