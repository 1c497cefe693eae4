"""The runaway guard: loops are noticed, ordinary text is not, and watching costs next to nothing."""

import base64
import json
import random
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import turn
from agent.failures import runaway
from agent.failures.runaway import (
    BYTES_PER_TOKEN,
    CHECK_EVERY,
    LONGEST_PATTERN,
    REPETITIONS,
    SHORTEST_STRETCH,
    RunawayGuard,
    repeats,
    unrepeated,
)

PROSE = "".join(
    f"Step {number}: the parser reads token {number * 7 % 13} and goes on to state {number % 5}. "
    for number in range(200)
)


def watch(text: str, size: int = 5, budget: int = 0) -> tuple[str | None, int]:
    """What the guard says of a text that comes in pieces, and after how many characters."""
    guard = RunawayGuard(budget)
    for at in range(0, len(text), size):
        if why := guard.add(text[at : at + size], reasoning=True):
            return why, at + size
    return None, len(text)


# loops

LOOPS = [
    "Wait, let me think again. ",
    "no ",
    "the",
    "I should check the file.\nBut first I should look at the tests.\nBut before that, ",
    "让我再想想。",
    "Hmm, 等一下… ",
    "```python\nprint(1)\n```\n",
    "xy" * 50 + " ",
    "".join(random.Random(1).choices(string.ascii_letters + " ", k=590)),
]


@pytest.mark.parametrize("pattern", LOOPS, ids=lambda pattern: str(pattern)[:12])
def test_loops_are_noticed(pattern: str) -> None:
    why, after = watch(PROSE + pattern * (20_000 // len(pattern)))
    assert why == "the answer repeats itself"
    assert after - len(PROSE) <= max(len(pattern) * REPETITIONS, SHORTEST_STRETCH) + len(pattern) + CHECK_EVERY


@pytest.mark.parametrize("pattern", ["!", "\n", " ", "0, ", "a", "-", "\u200b", "AA"])
def test_degenerate_loops_are_noticed_later(pattern: str) -> None:
    """A server with broken numbers says "!!!!" for ever; a rule in a table is not that long."""
    assert watch(PROSE + pattern * 20_000)[0] == "the answer repeats itself"
    assert watch(PROSE + pattern * (1000 // len(pattern)) + PROSE)[0] is None


@given(
    st.text(st.sampled_from("abc déf,.\n"), min_size=3, max_size=200).filter(
        lambda text: any(c.isalpha() for c in text)
    ),
    st.integers(1, 300),
)
@settings(max_examples=60)
def test_any_loop_is_noticed(pattern: str, size: int) -> None:
    assert watch(pattern * (8000 // len(pattern) + 1), size)[0] is not None


def test_a_loop_over_content_counts_like_one_over_reasoning() -> None:
    guard = RunawayGuard(0)
    assert any(guard.add("no ", reasoning=False) for _ in range(4000))


# no false alarms


def minified() -> str:
    luck = random.Random(5)
    names = ["".join(luck.choices(string.ascii_lowercase, k=2)) for _ in range(400)]
    return "".join(f"function {n}(a,b){{return a[{luck.randint(0, 99)}]+b.{luck.choice(names)}}}" for n in names)


def log() -> str:
    luck = random.Random(6)
    return "".join(
        f"2026-11-21 10:{n // 60 % 60:02}:{n % 60:02} INFO worker-{n % 4} done in {luck.randint(1, 90)} ms\n"
        for n in range(600)
    )


HARMLESS = {
    "prose": PROSE,
    "code": Path(turn.__file__).read_text(encoding="utf-8") + Path(runaway.__file__).read_text(encoding="utf-8"),
    "test code": Path(__file__).read_text(encoding="utf-8"),
    "library code": Path(json.decoder.__file__).read_text(encoding="utf-8"),
    "markdown table": "| name | value | unit |\n|------|-------|------|\n"
    + "".join(f"| row {n} | {n * n} | ms   |\n" for n in range(400)),
    "csv": "".join(f"{n},0,0,0,{n % 3},false,null\n" for n in range(900)),
    "log": log(),
    "progress": "".join(f"tests/test_{n}.py ....... [{n:3}%]\n" for n in range(100)) * 2,
    "base64": base64.b64encode(random.Random(2).randbytes(9000)).decode(),
    "hex dump": "".join(f"{n:08x}  00 00 00 00 00 00 00 00  |........|\n" for n in range(0, 9000, 16)),
    "JSON array": json.dumps([{"id": n, "ok": True, "tags": ["a", "b"], "parent": None} for n in range(300)]),
    "JSON numbers": json.dumps(random.Random(3).choices(range(10), k=3000)),
    "matrix": "[" + ", ".join(["[0, 0, 0, 0]"] * 60) + "]",
    "nulls": json.dumps([None] * 190),
    "minified": minified(),
    "rules": ("=" * 79 + "\nA heading\n" + "-" * 79 + "\n" + PROSE[:300]) * 2,
    "twice the same file": PROSE[:1500] * 4,
    "identical asserts": "    assert value is not None\n" * 40 + PROSE,
    "heartbeats": "INFO heartbeat ok\n" * 60 + PROSE,
    "sql": "".join(f"INSERT INTO t VALUES ({n}, 'x', NULL);\n" for n in range(300)),
    "html": "".join(f'<li class="item"><a href="#{n}">Item</a></li>\n' for n in range(300)),
    "zeros in base64": base64.b64encode(bytes(900)).decode() + PROSE,
}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("size", [3, 1500])
def test_ordinary_text_is_no_loop(name: str, size: int) -> None:
    assert watch(HARMLESS[name], size)[0] is None


@given(st.text(max_size=500))
def test_short_text_is_never_a_loop(text: str) -> None:
    assert not repeats(text)


@given(st.integers(0, 2**32), st.integers(2, 30))
@settings(max_examples=30)
def test_random_letters_are_no_loop(seed: int, letters: int) -> None:
    luck = random.Random(seed)
    assert not repeats("".join(luck.choices(string.ascii_letters[:letters], k=6000)))


# budget


@pytest.mark.parametrize("budget", [100, 1000])
def test_budget_ends_reasoning(budget: int) -> None:
    why, after = watch(PROSE * 3, size=4, budget=budget)
    assert why is not None
    assert f"budget of {budget} tokens" in why
    assert after == (budget + 1) * 4


@pytest.mark.parametrize("size", [1, 3, 100, 2000])
def test_budget_is_kept_whatever_the_pieces_and_the_language(size: int) -> None:
    """Coarse pieces are measured by their bytes: at most a piece beyond the budget, in Chinese as in English."""
    chinese = "".join(chr(0x4E00 + random.Random(n).randrange(3000)) for n in range(9000))
    for text in (PROSE * 3, chinese):
        _, after = watch(text, size=size, budget=500)
        written = len(text[:after].encode()) / BYTES_PER_TOKEN
        assert written <= 501 + len(text[:size].encode())
        assert min(after / size, 500) <= 501


def test_budget_counts_reasoning_only() -> None:
    guard = RunawayGuard(10)
    assert guard.add(PROSE[:500], reasoning=False) is None
    assert guard.add(PROSE[:44], reasoning=True) is None
    assert guard.add(".", reasoning=True) is not None


def test_no_budget_no_limit() -> None:
    assert watch(PROSE, budget=0)[0] is None


# cost


def test_watching_costs_a_bounded_share_of_a_step() -> None:
    """The work per character does not grow with the answer: ten times the text, about ten times the time."""
    text = "".join(random.Random(4).choices(string.ascii_letters + " \n", k=400_000))

    def cost(part: str) -> float:
        begun = time.process_time()
        assert watch(part, size=5)[0] is None
        return time.process_time() - begun

    small = min(cost(text[:40_000]) for _ in range(3))
    assert cost(text) <= 30 * small


def test_memory_is_bounded() -> None:
    guard = RunawayGuard(0)
    for at in range(0, 200_000, 50):
        guard.add(PROSE[at % 9000 : at % 9000 + 50] + str(at), reasoning=True)
    kept = sum(len(part) for part in guard._parts)  # pyright: ignore[reportPrivateUsage]  # the bound is the point
    assert kept <= LONGEST_PATTERN * REPETITIONS + CHECK_EVERY + 100


@given(st.text("abc \n", max_size=40), st.text("xyz", min_size=1, max_size=60), st.integers(6, 40))
def test_a_loop_is_kept_once(before: str, pattern: str, times: int) -> None:
    kept = unrepeated(before + pattern * times)
    assert kept.endswith(" […]")
    assert len(kept) <= len(before) + 2 * len(pattern) + 4
    assert (before + pattern * times).startswith(kept.removesuffix(" […]"))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_a_text_without_a_loop_is_kept_whole(numbers: list[int]) -> None:
    text = " ".join(f"{number}-{place}" for place, number in enumerate(numbers))
    assert unrepeated(text) == text
