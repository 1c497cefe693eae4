import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.conftest import Desk
from tools.ask_user import answer_text, option_list
from tools.base import Task
from tools.task_list import parse_tasks, progress, render_tasks

TASKS = st.lists(
    st.builds(
        Task,
        st.text(alphabet="abc ", min_size=1, max_size=9).map(str.strip).filter(bool),
        st.sampled_from(["open", "active", "done"]),
        st.integers(0, 3),
    ),
    max_size=6,
).map(tuple)


@given(TASKS)
def test_a_rendered_list_reads_back_the_same(tasks: tuple[Task, ...]) -> None:
    assert parse_tasks(render_tasks(tasks)) == tasks


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    assert all(task.text for task in parse_tasks(text))


@pytest.mark.parametrize(
    ("line", "task"),
    [
        ("- [ ] run tests", Task("run tests", "open")),
        ("* [X] done", Task("done", "done")),
        ("1. [>] now", Task("now", "active")),
        ("2) numbered", Task("numbered", "open")),
        ("just words", Task("just words", "open")),
        ("  - [x] nested", Task("nested", "done", 1)),
        ("- [] empty box", Task("empty box", "open")),
        ("[~] half", Task("half", "active")),
    ],
)
def test_forms_of_a_line(line: str, task: Task) -> None:
    assert parse_tasks(f"# Plan\n\n{line}\n") == (task,)


def test_escaped_line_breaks_are_understood() -> None:
    assert len(parse_tasks("- [ ] a\\n- [ ] b")) == 2


def test_progress() -> None:
    assert progress(parse_tasks("- [x] a\n- [>] b\n- [ ] c")) == "1 of 3 done; now: b"


async def test_the_list_is_kept_and_echoed(desk: Desk) -> None:
    result = await desk.call("task_list", tasks="- [x] a\n- b")
    assert result.text == "1 of 2 done\n- [x] a\n- [ ] b"
    assert desk.context.state.tasks == (Task("a", "done"), Task("b", "open"))
    long = await desk.call("task_list", tasks="\n".join(f"- t{number}" for number in range(120)))
    assert "[20 tasks beyond 100 were not kept]" in long.text


async def test_an_empty_list_is_one_sentence(desk: Desk) -> None:
    for tasks in ("", "\n\n", "# Plan"):
        result = await desk.call("task_list", tasks=tasks)
        assert not result.ok
        assert "tasks is empty" in result.text


async def test_submit_ends_with_its_summary(desk: Desk) -> None:
    assert (await desk.call("submit", summary="fixed it")).summary == "fixed it"
    assert "result" in (await desk.call("submit")).text


async def test_a_question_without_a_person_is_answered_with_a_sentence(desk: Desk) -> None:
    assert "decide yourself" in (await desk.call("ask_user", question="which?")).text


def test_answers() -> None:
    assert answer_text("Which one?", " the second ").text == "The person answered: the second"
    for nothing in (None, "", "  "):
        assert "no answer" in answer_text("Which?", nothing).text
    assert option_list("- a\n2) b\n\n[ ] c") == ("a", "b", "c")
    assert option_list(None) == ()
