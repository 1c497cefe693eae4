"""The inspector: the list narrowed, sorted and opened; steps, patch and tests of an instance; hostile words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import DataTable, OptionList, Static

from tui.inspect.app import InspectApp
from tui.inspect.drawn import MOST_LINES, clipped, step_text
from tui.inspect.host import InstanceLine, Part, StepView
from tui.inspect.instance_screen import InstanceScreen

EVIL = "[bold]markup[/] \x1b]0;title\x07 \u202eturned"


def line(name: str, outcome: str = "resolved", **more: object) -> InstanceLine:
    values = {"end": "submitted", "steps": 3, "thinking": 1, "completion_tokens": 100, "seconds": 9.0, **more}
    return InstanceLine(name, outcome, **values)  # pyright: ignore[reportArgumentType]  # values of the fields


@dataclass
class FakeHost:
    lines: list[InstanceLine] = field(default_factory=list[InstanceLine])

    def title(self) -> str:
        return f"run1 {EVIL}"

    def instances(self) -> Sequence[InstanceLine]:
        return self.lines

    def steps(self, name: str) -> Sequence[StepView]:
        if name == "a__none-0":
            return ()
        parts = [Part("reasoning", f"secret thought of {name}"), Part("call", f"bash\ncommand: {EVIL}")]
        return [StepView(f"1 thinking {EVIL}", parts), StepView("2 direct bash", [Part("failed", "exit code 1")])]

    def patch(self, name: str) -> str:
        return "diff --git a/x b/x\n+new\n" if name == "a__b-1" else ""

    def tests(self, name: str) -> str:
        return "2 passed"


HOST = [
    line("a__b-1", steps=9),
    line("a__b-2", "unresolved", seconds=99.0, why="tests broken"),
    line("c__d-3", "infra", why=EVIL),
]


def app() -> InspectApp:
    return InspectApp(FakeHost(list(HOST)))


def names(pilot: Pilot[None]) -> list[str]:
    table = cast("DataTable[Text]", pilot.app.query_one("#inspect-table"))
    return [str(table.get_row_at(at)[0]) for at in range(table.row_count)]


def text(pilot: Pilot[None], name: str) -> str:
    return str(pilot.app.screen.query_one(f"#{name}", Static).render())


async def test_the_list_is_narrowed_by_words_and_outcome_and_sorted() -> None:
    async with app().run_test(size=(120, 30)) as pilot:
        assert names(pilot) == ["a__b-1", "a__b-2", "c__d-3"]
        await pilot.press("slash", *"broken")
        assert names(pilot) == ["a__b-2"]
        await pilot.press("escape")
        assert len(names(pilot)) == 3
        await pilot.press("o", "o")
        assert names(pilot) == ["a__b-2"]
        assert "only unresolved" in text(pilot, "inspect-title")
        await pilot.press("escape", "s", "s", "s")
        assert names(pilot)[0] == "a__b-2"
        assert "by seconds" in text(pilot, "inspect-title")


async def test_an_instance_is_opened_and_walked_through() -> None:
    async with app().run_test(size=(120, 30)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InstanceScreen)
        assert "a__b-1" in text(pilot, "inspect-title")
        assert "secret thought" not in text(pilot, "inspect-text")
        await pilot.press("r")
        assert "secret thought of a__b-1" in text(pilot, "inspect-text")
        assert "[bold]markup[/]" in text(pilot, "inspect-text")
        await pilot.press("down")
        await pilot.pause()
        assert "exit code 1" in text(pilot, "inspect-text")
        await pilot.press("d")
        assert "+new" in text(pilot, "inspect-text")
        await pilot.press("t")
        assert "2 passed" in text(pilot, "inspect-text")
        await pilot.press("n")
        await pilot.pause()
        assert "a__b-2  2/3" in text(pilot, "inspect-title")
        await pilot.press("d")
        assert "There is no patch." in text(pilot, "inspect-text")
        await pilot.press("p", "p")
        await pilot.pause()
        assert "c__d-3" in text(pilot, "inspect-title")
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, InstanceScreen)


async def test_an_instance_without_a_session_says_so_and_a_running_batch_is_read_anew() -> None:
    host = FakeHost([line("a__none-0", "running")])
    async with InspectApp(host).run_test(size=(100, 20)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "no session" in text(pilot, "inspect-text")
        assert pilot.app.screen.query_one(OptionList).option_count == 0
        await pilot.press("escape")
        host.lines.append(line("b__new-1"))
        await pilot.press("g")
        assert names(pilot) == ["a__none-0", "b__new-1"]


async def test_an_empty_run_can_be_looked_at() -> None:
    async with InspectApp(FakeHost()).run_test(size=(80, 20)) as pilot:
        await pilot.press("enter", "o", "s")
        assert names(pilot) == []


@given(st.lists(st.text(max_size=40), max_size=5), st.booleans())
def test_nothing_that_was_said_reaches_the_terminal_raw(texts: list[str], reasoning: bool) -> None:
    kinds = ("mode", "note", "reasoning", "text", "call")
    parts = [Part(kind, words) for kind, words in zip(kinds, [*texts, *[EVIL] * 5], strict=False)]
    shown = step_text(StepView("t", parts), reasoning=reasoning).plain
    assert not any(char in shown for char in "\x1b\x07\u202e\x00")


def test_what_is_cut_says_how_much() -> None:
    lines = list(clipped("x\n" * (MOST_LINES + 1500)))
    assert len(lines) == MOST_LINES + 1
    assert "1,500 lines more" in lines[-1].plain
