"""Events to blocks: the same blocks however the deltas are cut, nothing lost, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from agent import events
from agent.turn import Usage
from tui.model.blocks import AnswerBlock, Block, ThoughtBlock, ToolBlock, UserBlock
from tui.model.feed import Feed


def fed(*given_events: events.Event) -> list[Block]:
    feed = Feed()
    for event in given_events:
        feed.apply(event)
    return feed.blocks


@given(st.lists(st.text(min_size=1), min_size=1), st.lists(st.text(min_size=1), min_size=1))
def test_pieces_make_the_whole(thought: list[str], said: list[str]) -> None:
    blocks = fed(
        events.StepStarted(1, True, "why"),
        *map(events.ReasoningDelta, thought),
        *map(events.ContentDelta, said),
        events.StepFinished(1, Usage(10, 5, 3, None), 0.1, 2.5, "", 1.5),
    )
    assert isinstance(blocks[0], ThoughtBlock)
    assert blocks[0].text == "".join(thought)
    assert (blocks[0].reason, blocks[0].tokens, blocks[0].seconds, blocks[0].done) == ("why", 3, 1.5, True)
    answers = [block for block in blocks if isinstance(block, AnswerBlock)]
    assert "".join(block.text for block in answers).strip() == "".join(said).strip()
    assert all(block.done for block in answers)


def test_a_call_keeps_one_block_from_its_name_to_its_result() -> None:
    blocks = fed(
        events.CallNamed("bash"),
        events.CallNamed("search"),
        events.CallStarted("a", "bash", "{}"),
        events.CallOutput("a", "x"),
        events.CallStarted("b", "search", "{}"),
        events.CallFinished("b", "search", False, "s", "t", "", 0.5),
        events.CallFinished("a", "bash", True, "s", "whole", "d", 0.5),
    )
    assert [(type(b), getattr(b, "call_id", "")) for b in blocks] == [(ToolBlock, "a"), (ToolBlock, "b")]
    first, second = blocks
    assert isinstance(first, ToolBlock)
    assert isinstance(second, ToolBlock)
    assert (first.state, first.output, first.diff) == ("ok", "whole", "d")
    assert second.state == "failed"


def test_a_call_that_was_begun_and_never_ran_is_said_to_be_so() -> None:
    blocks = fed(events.CallNamed("bash"), events.StepStarted(2, False, "again"))
    assert isinstance(blocks[0], ToolBlock)
    assert (blocks[0].state, blocks[0].summary) == ("failed", "not run")


def test_calls_that_run_when_the_turn_ends_have_failed() -> None:
    blocks = fed(events.CallStarted("a", "bash", "{}"), events.TurnEnded("cancelled", "Interrupted.", 1))
    assert isinstance(blocks[0], ToolBlock)
    assert blocks[0].state == "failed"


def test_a_call_that_waits_for_leave_keeps_its_block() -> None:
    blocks = fed(
        events.CallNamed("bash"),
        events.ApprovalAsked("a", "bash", "{}"),
        events.TurnEnded("waiting", "", 1),
        events.CallStarted("a", "bash", "{}"),
        events.CallFinished("a", "bash", True, "s", "t", "", 0.5),
    )
    assert [getattr(block, "state", "") for block in blocks] == ["ok"]


def test_the_task_list_is_one_block_in_a_request_and_another_in_the_next() -> None:
    def renewed(name: str, tasks: str) -> list[events.Event]:
        return [
            events.CallNamed("task_list"),
            events.CallStarted(name, "task_list", "{}"),
            events.CallFinished(name, "task_list", True, "s", tasks, "", 0.0),
        ]

    asked = events.TurnStarted("s", "go")
    blocks = fed(asked, *renewed("a", "one"), *renewed("b", "two"), asked, *renewed("c", "three"))
    lists = [block for block in blocks if isinstance(block, ToolBlock)]
    assert [(one.output, one.state) for one in lists] == [("two", "ok"), ("three", "ok")]


def test_a_call_waits_for_leave_and_the_calls_behind_it_too() -> None:
    feed = Feed()
    for event in (
        events.CallNamed("bash"),
        events.CallNamed("search"),
        events.ApprovalAsked("a", "bash", '{"command": "rm x"}'),
        events.TurnEnded("waiting", "", 1),
    ):
        feed.apply(event)
    first, second = feed.blocks
    assert isinstance(first, ToolBlock)
    assert isinstance(second, ToolBlock)
    assert (first.state, first.arguments, second.state) == ("waiting", '{"command": "rm x"}', "waiting")
    feed.apply(events.CallStarted("a", "bash", '{"command": "rm x"}'))
    feed.apply(events.CallFinished("a", "bash", True, "s", "t", "", 0.1))
    assert first.state == "ok"
    assert len(feed.blocks) == 2


def test_a_call_that_a_killed_session_left_waits_and_goes_on_in_its_block() -> None:
    feed = Feed()
    feed.apply(events.CallStarted("a", "bash", "{}"))
    feed.apply(events.TurnEnded("waiting", "", 0))
    (block,) = feed.blocks
    assert isinstance(block, ToolBlock)
    assert block.state == "waiting"
    feed.apply(events.CallFinished("a", "bash", False, "interrupted", "[harness]", "", 0.0))
    assert feed.blocks == [block]
    assert block.output == "[harness]"


def test_pictures_of_a_request_are_told() -> None:
    (block,) = fed(events.TurnStarted("s", "look", pictures=("a.png, 640 x 480, 120 kB",)))
    assert isinstance(block, UserBlock)
    assert block.pictures == ("a.png, 640 x 480, 120 kB",)
