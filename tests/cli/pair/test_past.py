"""The history file: order, several writers, damage, growth, and who may read it."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.pair.past import MOST_KEPT, PastRequests


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50), max_size=5))
def test_what_is_kept_is_read_in_order(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        past = PastRequests("/a/project", Path(folder))
        for text in texts:
            past.add(text)
        assert PastRequests("/a/project", Path(folder)).read() == texts
        assert PastRequests("/b/project", Path(folder)).read() == []


def test_only_the_user_may_read_it_and_damage_is_passed_over(tmp_path: Path) -> None:
    past = PastRequests("/a", tmp_path / "history")
    past.add("one")
    with past.path.open("a") as file:
        file.write('"cut off\n{"no": "text"}\n')
    past.add("two")
    assert past.read() == ["one", "two"]
    assert past.path.stat().st_mode & 0o077 == 0


def test_it_is_shortened_to_the_newest(tmp_path: Path) -> None:
    past = PastRequests("/a", tmp_path)
    past.add("first")
    with past.path.open("a") as file:
        file.writelines(f'"{number}"\n' for number in range(2 * MOST_KEPT))
    past.add("last")
    kept = past.path.read_text().splitlines()
    assert len(kept) == MOST_KEPT
    assert past.read()[-2:] == [str(2 * MOST_KEPT - 1), "last"]
