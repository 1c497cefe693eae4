"""Run the calls of an answer: reads side by side, everything else in order, each at most once."""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from langgraph.runtime import Runtime

from agent.context import bounded
from agent.control_tokens import quoted
from agent.engine import Engine
from agent.events import CallStarted
from agent.failures.table import Counter
from agent.json_types import JsonObject, as_text, parse_object
from agent.meanwhile import in_turn
from agent.messages import ToolCall
from agent.nodes.calls import StepCalls, step_calls, store_result
from agent.nodes.check import check_failed
from agent.nodes.gate import Denied, Gated, gated
from agent.snapshotter import Look
from agent.state import GraphState, TurnState
from agent.thinking.observed import TEST_COMMAND, MadeCall, observe
from agent.thinking.signals import Fault, Outcome
from agent.thinking.table import REVIEWS
from agent.toolset import DAMAGED, MARKS_IN_VALUES, Prepared, Refused
from sandboxes.errors import SandboxGone
from tools.ask_user import AskUserArguments, answer_text
from tools.base import ToolResult

RECENT_CALLS = 12
REMARK = "\n[harness]"
REMARK_AFTER = 3
STOP_AFTER = 8

CUT = "The token limit ended it: make the call smaller, for instance a file in several edits."
CHANGING = ("write", "execute")
NOTHING_CHANGED = (
    "Not submitted: no file has changed, so there would be no result. If the task asks for a change, make it and check "
    "it. If it really needs none, submit again and say why in the summary."
)
INTERRUPTED = (
    "[harness] This call was interrupted before its result was known, and is not run again. It may have had effects: "
    "look before you repeat it."
)
# A pipe hides the exit code of the tests (`pytest | tail`): their own last lines do not.
_FAILED_TESTS = re.compile(
    r"\b[1-9]\d{0,6} failed\b|\b[1-9]\d{0,6} errors? in \d|^FAILED(?: \(| .*::)|^(?:FAIL|ERROR): |^--- FAIL: |"
    r"^test result: FAILED|^FAIL\t",
    re.MULTILINE,
)
_SUMMARY_CHARACTERS = 6000


@dataclass(frozen=True, slots=True)
class Done:
    """A call with its result."""

    call: ToolCall
    effect: str
    result: ToolResult
    duration_s: float
    refused: Counter | None = None


async def act(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Run what has no result yet. Raises `SandboxGone`."""
    engine, turn = runtime.context, state["turn"]
    known = step_calls(engine, turn.step)
    await engine.snapshotter.settle()
    meanwhile = await engine.snapshotter.look_between(turn.step)
    done = _earlier(engine, known)
    for waiting in _groups(_prepared(engine, turn, known)):
        group = gated(engine, waiting, known)
        if group is None:
            if any(item.effect in CHANGING for item in done):
                # What was done so far is the agent's; what changes while the person thinks is theirs.
                engine.snapshotter.request(turn.step, f"step {turn.step}")
            return {"turn": replace(turn, verdict="question")}
        for ended in await _run_group(engine, turn.step, group, known):
            item = replace(ended, result=replace(ended.result, text=bounded(ended.result.text, engine.context.tokens)))
            result = _remarked(engine, turn, item, known)
            result = replace(result, text=result.text + in_turn(meanwhile.paths))
            store_result(engine, turn.step, item.call, result, item.duration_s, seen=meanwhile.snapshot)
            meanwhile = Look()
            done.append(replace(item, result=result))
    turn = replace(_after(turn, done), verdict="calls")
    if await check_failed(engine, turn.step, "lint"):
        turn = replace(turn, outcome="failed")
    if any(item.effect in ("write", "execute") for item in done):
        engine.snapshotter.request(turn.step, f"step {turn.step}")
    if turn.repeated >= STOP_AFTER:
        sentence = f"The model made the same call {turn.repeated + 1} times with the same result; stopped."
        return {"turn": replace(turn, status="failed", summary=sentence)}
    finish = next((item for item in done if item.effect == "finish" and item.result.ok), None)
    if finish is not None:
        answer = engine.transcript.last_answer
        said = answer.content.strip() if answer else ""
        return {"turn": replace(turn, status="done", summary=said or finish.result.summary)}
    return {"turn": turn}


def _earlier(engine: Engine, known: StepCalls) -> list[Done]:
    """Calls of this step that ran before a person was asked, or before a crash: they count for what comes next."""
    calls = {call.id: call for call in known.calls}
    done: list[Done] = []
    for data in known.results:
        call = calls[as_text(data.get("call_id"))]
        item = engine.toolset.prepare(call)
        result = ToolResult(as_text(data.get("text")), as_text(data.get("summary")), ok=bool(data.get("ok")))
        refused = item.counter if isinstance(item, Refused) else None
        done.append(Done(call, "read" if isinstance(item, Refused) else item.effect, result, 0.0, refused))
    return done


def _prepared(engine: Engine, turn: TurnState, known: StepCalls) -> list[Prepared | Refused]:
    """What is to run, in order. What the parser seems to have cut is refused once; sent again, it was a miscount."""
    items: list[Prepared | Refused] = []
    for call in known.calls:
        if call.id in known.ended:
            continue
        item = engine.toolset.prepare(call)
        if isinstance(item, Refused) and item.damaged and call.id == known.cut:
            item = replace(item, text=f"{item.text} {CUT}", counter="cut_in_call")
        if isinstance(item, Prepared) and known.lost and turn.failure != "value_cut" and item.effect in CHANGING:
            item = Refused(call, _lost(known.lost), "value_cut")
        if isinstance(item, Prepared) and item.effect == "finish" and _unchanged(engine, known, items):
            item = Refused(call, NOTHING_CHANGED, "submit_unchanged")
        items.append(item)
    return items


def _unchanged(engine: Engine, known: StepCalls, before: Sequence[Prepared | Refused]) -> bool:
    """Whether a task that is to change files would end without a change; said once in a turn."""
    if not engine.settings.expects_changes or engine.snapshotter.changed or known.results:
        return False
    if any(isinstance(item, Prepared) and item.effect in CHANGING for item in before):
        return False
    asked = engine.log.last("user")
    told = engine.log.entries("failure", after=asked.id if asked else 0)
    return all(entry.data.get("counter") != "submit_unchanged" for entry in told)


def _lost(tokens: int) -> str:
    return (
        f"This call was not run: about {tokens} tokens of the answer did not arrive, so a value may have been cut. "
        f"{MARKS_IN_VALUES} If nothing is missing, send the same call again: it will run."
    )


def _groups(items: Sequence[Prepared | Refused]) -> Iterator[list[Prepared | Refused]]:
    """Neighbouring reads form one group; every other call is a group of its own."""
    group: list[Prepared | Refused] = []
    for item in items:
        reads = isinstance(item, Refused) or item.effect == "read"
        if group and not reads:
            yield group
            group = []
        group.append(item)
        if not reads:
            yield group
            group = []
    if group:
        yield group


async def _run_group(engine: Engine, step: int, group: Sequence[Gated], known: StepCalls) -> list[Done]:
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(_run_one(engine, step, item, known)) for item in group]
    except* SandboxGone as gone:
        # Callers catch the error itself, not a group of it.
        raise gone.exceptions[0] from None
    return [task.result() for task in running]


async def _run_one(engine: Engine, step: int, item: Gated, known: StepCalls) -> Done:
    call = item.call
    engine.emit(CallStarted(call.id, call.name, call.arguments))
    if isinstance(item, Denied):
        return Done(call, "read", item.result, 0.0)
    if isinstance(item, Refused):
        result = ToolResult(text=item.text, summary=item.text.split("\n", 1)[0][:120], ok=False)
        engine.survived(
            step, item.counter, f"The call of {call.name} cannot run: {result.summary}", "telling the model"
        )
        return Done(call, "read", result, 0.0, item.counter)
    if isinstance(item.arguments, AskUserArguments):
        return Done(call, item.effect, answer_text(item.arguments.question, known.begun.get(call.id, "")), 0.0)
    once = item.effect in ("write", "execute")
    if once and call.id in known.begun:
        return Done(call, item.effect, ToolResult(text=INTERRUPTED, summary="interrupted", ok=False), 0.0)
    if once:
        engine.log.append("call", step, {"call_id": call.id})
    result, duration_s = await engine.toolset.run(item, engine.emit)
    result = replace(result, text=quoted(result.text))
    return Done(call, item.effect, result, duration_s)


def _key(item: Done) -> str:
    """A short hash of a call and its result, remarks of the harness left out."""
    text = f"{item.call.name}\0{item.call.arguments}\0{item.result.text.split(REMARK)[0]}"
    told = hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False)
    for picture in item.result.pictures:
        told.update(picture.data)
    return told.hexdigest()[:12]


def _remarked(engine: Engine, turn: TurnState, item: Done, known: StepCalls) -> ToolResult:
    """The result, with a remark when a value may have been cut, or when the same call keeps giving the same answer."""
    if known.lost and item.effect in CHANGING:
        remark = f"{REMARK} About {known.lost} tokens of this answer did not arrive. Look at what landed."
        return replace(item.result, text=item.result.text + remark)
    times = turn.recent.count(_key(item)) + 1
    if times < REMARK_AFTER:
        return item.result
    what = f"The model made the same call of {item.call.name} {times} times, with the same result."
    engine.survived(turn.step, "call_repeated", what, f"telling the model; the turn ends after {STOP_AFTER + 1}")
    remark = f"{REMARK} This is call number {times} of exactly this kind, with the same result. Do something else."
    return replace(item.result, text=item.result.text + remark)


def _after(turn: TurnState, done: Sequence[Done]) -> TurnState:
    """The signals for the next step's mode."""
    keys = [_key(item) for item in done]
    repeated = max((turn.recent.count(key) for key in keys), default=0)
    damaged = next((item.refused for item in done if item.refused in DAMAGED), None)
    fault: Fault | None = "malformed" if damaged else None
    seen = observe([_made(item) for item in done])
    # A step that looked over the change is done with it; only what came after it still counts.
    edited = seen.edited or (turn.edited and turn.row not in REVIEWS)
    outcome = outcome_of(done)
    return replace(
        turn,
        outcome=outcome,
        edited=edited,
        kind=seen.kind,
        written=seen.written,
        closing=seen.closing,
        recent=(*turn.recent, *keys)[-RECENT_CALLS:],
        repeated=repeated,
        fault=fault,
        failure=damaged,
        fault_count=turn.fault_count + 1 if fault else 0,
        force=False,
    )


def _made(item: Done) -> MadeCall:
    arguments: JsonObject = parse_object(item.call.arguments) or {}
    return MadeCall(item.call.name, arguments, item.effect, item.result.ok, item.result.text)


def outcome_of(done: Sequence[Done]) -> Outcome:
    """What the calls of a step came to; the worst one decides."""
    tests = [item for item in done if item.call.name == "bash" and TEST_COMMAND.search(as_text(item.call.arguments))]
    if any(item.result.text == INTERRUPTED for item in done):
        return "interrupted"
    if any(not item.result.ok or _FAILED_TESTS.search(item.result.text[-_SUMMARY_CHARACTERS:]) for item in tests):
        return "test_failed"
    if any(not item.result.ok for item in done):
        return "failed"
    return "test_passed" if tests else "ok" if done else "none"
