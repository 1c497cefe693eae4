"""The choice: never a patch that passes less while another passes more, and stable otherwise."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.choose.choice import Candidate, choose, distinct
from jobs.batch.choose.patches import parts_of


def patch(text: str) -> str:
    return f"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n+{text}\n" if text else ""


def candidates(*texts: str, submitted: Sequence[bool] = ()) -> list[Candidate]:
    flags = [*submitted, *[True] * len(texts)]
    return [
        Candidate(f"attempt-{at}", patch(text), parts_of(patch(text)), flags[at - 1])
        for at, text in enumerate(texts, 1)
    ]


@given(st.lists(st.sampled_from(["", "x", "y", "z"]), max_size=7), st.data())
def test_what_passes_most_is_chosen_and_agreement_decides_among_equals(texts: list[str], data: st.DataObject) -> None:
    given_candidates = candidates(*texts)
    heads = distinct(given_candidates)
    assert len({head.parts.meaning for head in heads}) == len(heads) == len({text for text in texts if text})
    suites = data.draw(st.integers(0, 3))
    went: Mapping[str, list[bool]] = {
        head.attempt: data.draw(st.lists(st.booleans(), min_size=suites, max_size=suites)) for head in heads
    }
    choice = choose("i", given_candidates, went)
    if not heads:
        assert choice.attempt == ""
        return
    best = choice.candidates[0]
    assert best.attempt == choice.attempt
    assert best.passed == max(sum(results) for results in went.values())
    equal = [it for it in choice.candidates if it.passed == best.passed]
    assert best.agreeing == max(it.agreeing for it in equal)
    assert len(choice.candidates) == sum(bool(text) for text in texts)


def test_agreement_without_tests() -> None:
    choice = choose("i", candidates("x", "y", "y"))
    assert (choice.attempt, choice.reason) == ("attempt-2", "2 of 3 attempts agree")


def test_what_the_agent_handed_in_goes_before_what_a_limit_ended() -> None:
    assert choose("i", candidates("xx", "y", submitted=[True, False])).attempt == "attempt-1"


def test_tests_outweigh_agreement() -> None:
    choice = choose("i", candidates("x", "y", "y"), {"attempt-1": [True, True], "attempt-2": [True, False]})
    assert choice.attempt == "attempt-1"
    assert "passes 2 of 2" in choice.reason


def test_changes_of_tests_alone_are_no_patch() -> None:
    text = patch("x").replace("a.py", "test_a.py")
    assert choose("i", [Candidate("attempt-1", text, parts_of(text), submitted=True)]).attempt == ""
