"""What a plan leaves out, for prompts of every shape: never a request, always whole steps, as little as is enough."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.compaction.plan import (
    ENOUGH_SHARE,
    KEEP_RESULTS,
    KEEP_STEPS_ON_DEMAND,
    LEAST_CUT_CHARACTERS,
    MASKED_TOKENS,
    TARGET_SHARE,
    Plan,
    Prompt,
    ResultSize,
    StepSize,
    plan,
    plan_masking,
    plan_on_demand,
)

# Every message has some tokens of its own.
SIZES = st.integers(1, 3000) | st.sampled_from([1, MASKED_TOKENS, 12_000])


@st.composite
def prompts(draw: st.DrawFn) -> Prompt:
    """Steps with ids that rise as the log's do, with gaps where requests and remarks stand."""
    entry_id = draw(st.integers(1, 5))
    steps: list[StepSize] = []
    for results in draw(st.lists(st.lists(SIZES, max_size=3), max_size=14)):
        answer, made = entry_id, list[ResultSize]()
        for size in results:
            entry_id += draw(st.integers(1, 2))
            made.append(ResultSize(entry_id, size * draw(st.integers(1, 6)), size))
        steps.append(StepSize(answer, draw(SIZES), tuple(made)))
        entry_id += draw(st.integers(1, 4))
    masked = draw(st.sampled_from([0, *(step.entry_id for step in steps[:4])]))
    room = draw(st.integers(2000, 60_000))
    summary = min(4096, room // 8)
    return Prompt(draw(st.integers(1, 6000)), draw(st.integers(0, summary)), tuple(steps), room, summary, masked)


def kept_steps(prompt: Prompt, planned: Plan) -> tuple[StepSize, ...]:
    return tuple(step for step in prompt.steps if step.entry_id > planned.dropped)


def left(prompt: Prompt, planned: Plan) -> Prompt:
    """The prompt that a plan leaves, with a summary of the length that is reserved for it."""
    steps: list[StepSize] = []
    for step in kept_steps(prompt, planned):
        results: list[ResultSize] = []
        for result in step.results:
            if prompt.masked < result.entry_id <= planned.masked and result.saving > 0:
                result = replace(result, tokens=MASKED_TOKENS, characters=MASKED_TOKENS)  # noqa: PLW2901  # one rule after the other
            if planned.cut and result.characters > planned.cut:
                tokens = -(-result.tokens * planned.cut // result.characters)
                result = replace(result, tokens=tokens, characters=planned.cut)  # noqa: PLW2901  # see above
            results.append(result)
        steps.append(replace(step, results=tuple(results)))
    noted = prompt.summary if planned.dropped else prompt.noted
    return replace(prompt, noted=noted, steps=tuple(steps), masked=planned.masked)


@given(prompts())
def test_a_boundary_lies_between_two_steps(prompt: Prompt) -> None:
    for planned in (plan(prompt), plan_on_demand(prompt)):
        if planned is None:
            continue
        kept = kept_steps(prompt, planned)
        # Whole steps from the end, and no result on the other side of the boundary than its call.
        assert kept == prompt.steps[len(prompt.steps) - len(kept) :]
        for step in prompt.steps:
            sides = {entry > planned.dropped for entry in (step.entry_id, *(each.entry_id for each in step.results))}
            assert len(sides) == 1
        assert planned.steps == len(prompt.steps) - len(kept)
        assert bool(planned.dropped) == bool(planned.steps)
        assert planned.masked >= prompt.masked


@given(prompts())
def test_what_always_stays_is_never_planned_away(prompt: Prompt) -> None:
    """The requests are in `fixed`, which no plan touches; a longer one only leaves less room for steps."""
    planned = plan(prompt)
    if planned is not None:
        assert left(prompt, planned).tokens >= prompt.fixed
    longer = plan_on_demand(replace(prompt, fixed=prompt.fixed + 500))
    before = plan_on_demand(prompt)
    if before is not None and before.dropped:
        assert longer is not None
        assert longer.dropped >= before.dropped


@given(prompts())
def test_a_plan_fits_what_is_enough_or_nothing_is_left_to_shorten(prompt: Prompt) -> None:
    """None means the same as a plan that changes nothing: then there is nothing to leave out."""
    planned = plan(prompt) or Plan(prompt.masked)
    after = left(prompt, planned)
    results = [result for step in after.steps for result in step.results]
    # Shares are rounded up, by a token each.
    if after.tokens <= prompt.room * ENOUGH_SHARE + len(results):
        return
    assert len(after.steps) <= 1
    notes = prompt.summary if planned.dropped else prompt.noted
    answers = prompt.fixed + notes + sum(step.said for step in after.steps)
    at_their_shortest = all(result.characters <= LEAST_CUT_CHARACTERS for result in results)
    assert at_their_shortest or answers > prompt.room * ENOUGH_SHARE


@given(prompts())
def test_masking_spares_the_newest_results_and_stops_when_it_is_enough(prompt: Prompt) -> None:
    masking = plan_masking(prompt)
    results = [result for step in prompt.steps for result in step.results]
    assert all(
        result.entry_id > masking.masked for result in results[-KEEP_RESULTS:] if result.entry_id > prompt.masked
    )
    gone = [result for result in results if prompt.masked < result.entry_id <= masking.masked and result.saving > 0]
    assert len(gone) == masking.results
    wanted = prompt.tokens - int(prompt.room * TARGET_SHARE)
    if gone:
        assert sum(result.saving for result in gone[:-1]) < wanted


@given(prompts())
def test_masking_is_tried_first_and_alone_where_it_is_enough(prompt: Prompt) -> None:
    masking = plan_masking(prompt)
    enough = masking.results and left(prompt, masking).tokens <= prompt.room * ENOUGH_SHARE
    planned = plan(prompt)
    if enough:
        assert planned == masking


@given(prompts())
def test_a_second_plan_finds_nothing_more_to_sum_up_or_mask(prompt: Prompt) -> None:
    planned = plan_on_demand(prompt)
    if planned is not None and not planned.cut:
        again = plan_on_demand(left(prompt, planned))
        assert again is None or not again.steps
    planned = plan(prompt)
    if planned is not None and not planned.dropped and not planned.cut:
        assert plan_masking(left(prompt, planned)).masked >= planned.masked


@settings(max_examples=200)
@given(prompts(), st.integers(1, 20_000))
def test_less_room_never_keeps_more_steps(prompt: Prompt, less: int) -> None:
    smaller = replace(prompt, room=max(prompt.room - less, 500))
    wide, narrow = plan_on_demand(prompt), plan_on_demand(smaller)
    if wide is not None and wide.dropped:
        assert narrow is not None
        assert narrow.dropped >= wide.dropped
    assert plan_masking(smaller).masked >= plan_masking(prompt).masked


@given(prompts())
def test_on_demand_no_more_than_the_newest_steps_stay(prompt: Prompt) -> None:
    planned = plan_on_demand(prompt)
    if len(prompt.steps) > KEEP_STEPS_ON_DEMAND:
        assert planned is not None
        assert len(kept_steps(prompt, planned)) <= KEEP_STEPS_ON_DEMAND
