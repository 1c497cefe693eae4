"""Back and forward through earlier requests never loses what was being written."""

from hypothesis import given
from hypothesis import strategies as st

from tui.prompt.history import History

entries = st.lists(st.text(min_size=1).filter(str.strip), unique=True, max_size=8)


@given(entries, st.text(), st.integers(0, 12))
def test_as_often_forward_as_back_gives_the_draft(asked: list[str], draft: str, times: int) -> None:
    history = History()
    for text in asked:
        history.add(text)
    went = [text for text in (history.back(draft) for _ in range(times)) if text is not None]
    assert went == list(reversed(asked))[:times]
    shown = [history.forward() for _ in went]
    assert shown == ([*reversed(went[:-1]), draft] if went else [])
    assert history.forward() is None


@given(st.data(), entries, st.text())
def test_earlier_sessions_stand_in_front_and_nothing_twice(data: st.DataObject, known: list[str], draft: str) -> None:
    cut = data.draw(st.integers(0, len(known)))
    earlier, asked = known[:cut], known[cut:]
    history = History()
    for text in asked:
        history.add(text)
    went = [history.back(draft) for _ in range(data.draw(st.integers(0, len(asked))))]
    # Some of what this session asked may be kept already when the list is read.
    history.load([*earlier, *asked[: data.draw(st.integers(0, len(asked)))]])
    assert history.entries == known
    assert [history.forward() for _ in went][-1:] == ([draft] if went else [])


def test_the_same_text_is_kept_once_in_a_row_and_found_by_words() -> None:
    history = History(["fix the tests", "run mypy", "Fix the docs"])
    assert history.add("run mypy")
    assert not history.add("run mypy")
    assert history.found("fix THE") == ["Fix the docs", "fix the tests"]
    assert history.found("") == ["run mypy", "Fix the docs", "fix the tests"]
