"""The search over paths: what matches, in which order, and that no piece of it takes long."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.prompt.matching import FileIndex

letters = st.text("abAB/_. ", max_size=12)


def search(paths: list[str], query: str, limit: int = 1000) -> list[str]:
    return asyncio.run(FileIndex(paths).search(query, limit))


def in_order(query: str, path: str) -> bool:
    rest = iter(path.lower())
    return all(letter in rest for letter in query.lower())


@settings(deadline=None)
@given(st.lists(letters), st.text("abAB/_", max_size=4))
def test_exactly_the_paths_that_hold_the_letters_in_order(paths: list[str], query: str) -> None:
    assert sorted(search(paths, query)) == sorted({path for path in paths if in_order(query, path)})


@settings(deadline=None)
@given(st.lists(letters), st.text("abAB/_", max_size=4), st.integers(1, 5))
def test_fewer_are_the_first_of_all(paths: list[str], query: str, limit: int) -> None:
    assert search(paths, query, limit) == search(paths, query)[:limit]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("edit", "tui/prompt/editor.py"),
        ("tpe", "tui/prompt/editor.py"),
        ("EDITOR", "tui/prompt/editor.py"),
        ("prompt/ed", "tui/prompt/editor.py"),
        ("view", "src/view.ts"),
        ("uv", "src/UserView.ts"),
    ],
)
def test_the_path_that_a_person_means_comes_first(query: str, first: str) -> None:
    paths = ["editing/notes.md", "tui/prompt/editor.py", "tests/tui/prompt/test_editor.py", "src/view.ts"]
    paths += ["src/review/main.ts", "src/UserView.ts", "src/guava.ts"]
    assert search(paths, query)[0] == first


def test_a_path_of_one_letter_takes_linear_time() -> None:
    paths = ["a" * 4000 + "/" + "a" * 4000] * 1 + ["b"]
    began = time.process_time()
    assert search(paths, "a" * 30 + "b") == []
    assert time.process_time() - began < 0.5


async def test_the_loop_gets_its_turn_while_fifty_thousand_paths_are_searched() -> None:
    index = FileIndex(f"src/package_{number % 700}/module_{number}.py" for number in range(50_000))
    turns = 0

    async def beside() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(beside())
    assert len(await index.search("pm7", 10)) == 10
    other.cancel()
    assert turns >= 12
