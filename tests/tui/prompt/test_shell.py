"""`!`: run by the person, shown as a card, told to the model with the next request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import TurnEnded
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.model.attachments import MOST_CHARACTERS, Ran, as_typed, with_runs
from tui.model.blocks import EndBlock, NoticeBlock, ToolBlock

texts = st.text(max_size=60)
runs = st.lists(st.builds(Ran, texts, texts, st.none() | st.integers(0, 255)), min_size=1, max_size=3)


@given(texts.filter(lambda text: "user_shell" not in text), runs)
def test_the_screen_shows_what_was_typed(text: str, ran: list[Ran]) -> None:
    shown = as_typed(with_runs(text, ran))
    assert shown.startswith(f"{text}\n+ ")
    assert shown.endswith("lines of what you ran with !")


@given(texts)
def test_a_request_alone_stays(text: str) -> None:
    assert with_runs(text, []) == text
    assert as_typed(text) == text


@pytest.mark.parametrize("output", ["x" * MOST_CHARACTERS, "y" * (MOST_CHARACTERS + 5)])
def test_a_long_output_is_cut_in_the_middle_and_says_so(output: str) -> None:
    told = Ran("cat big", output, 0).text()
    assert told.startswith("$ cat big\n")
    assert told.endswith("\n[exit code 0]")
    assert ("[5 characters left out]" in told) == (len(output) > MOST_CHARACTERS)


async def test_a_command_runs_after_the_turn_and_says_that_the_model_will_read_it() -> None:
    host = ScriptedHost([0.2, TurnEnded("done", "ok", 1)])
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go")
        await ask(app, pilot, "! git status")
        await until(pilot, NoticeBlock)
        kinds = [type(block) for block in app.conversation.feed.blocks]
        assert kinds.index(EndBlock) < kinds.index(ToolBlock)
        assert notices(pilot) == ["The model reads the output of your commands with your next request."]
        await ask(app, pilot, "!")
        await until(pilot, NoticeBlock, 2)
    assert host.commands == ["git status"]
