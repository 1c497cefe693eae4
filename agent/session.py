"""A session: one conversation over one workspace. The interface between the engine and every front.

`run`, `resume` and `answer` return when the turn is over or waits for a person; events go to the sink meanwhile.
Nothing is lost when the process dies: `open_session` on the same log goes on where it stood.
"""

# pyright: reportUnknownMemberType=false
# LangGraph's overloads are generic over types that it leaves open; ours are checked where values enter and leave.

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from agent.approvals import Answer, Approval, asked, reply_of
from agent.checkpoints import LogCheckpointer
from agent.checks import Checks
from agent.commit_message import drafted
from agent.compaction.compact import make_room
from agent.context_use import ContextUse, parts_of
from agent.engine import Engine
from agent.errors import AgentError, Interrupted, SessionError
from agent.events import ApprovalAsked, Compacted, Notice, QuestionAsked, TurnEnded, TurnStarted, TurnStatus
from agent.graph import Machine, build_graph
from agent.json_types import JsonObject, as_object, as_text
from agent.log import SessionLog
from agent.meanwhile import before_request, told_line
from agent.messages import UserMessage
from agent.opening import Parts, open_engine
from agent.permissions.modes import PLAN_REMARK, Mode
from agent.permissions.permissions import Permissions
from agent.pictures import Picture, pictures_from, pictures_to_json
from agent.rewinding.rewound import FilePlan, Request, Rewound
from agent.rewinding.undo import changed_so_far, plan_redo, plan_rewind, redo, request_taken_back, requests, rewind
from agent.room import careful_estimate, full, most_prompt_tokens
from agent.settings import Settings
from agent.state import GraphState, TurnState
from agent.structured import FormAsked, filled_in
from agent.thinking import Policy, policy_named
from sandboxes.errors import SandboxError

_logger = logging.getLogger(__name__)
_Input: TypeAlias = "GraphState | Command[object] | None"

# A turn of four nodes a step; LangGraph's own limit must never be the one that ends it.
_RECURSION_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call of `Session` ended. `error` is set when the server or the sandbox failed; the session can go on.

    `unheard` are remarks (`Session.steer`) that came too late for the turn's last step.
    """

    status: TurnStatus
    summary: str
    steps: int
    error: AgentError | SandboxError | None = None
    question: QuestionAsked | None = None
    approval: ApprovalAsked | None = None
    unheard: tuple[str, ...] = ()


def open_session(log: SessionLog, settings: Settings, parts: Parts) -> "Session":
    """A session over this log: a new one when the log is empty, otherwise the one that it holds."""
    return session_over(open_engine(log, settings, parts))


def session_over(engine: Engine) -> "Session":
    """The session of an engine that is open already."""
    # LangGraph always imports langsmith; no session may be traced to a service that its user did not name.
    os.environ["LANGSMITH_TRACING"] = "false"
    return Session(engine, build_graph(LogCheckpointer(engine.log)))


class Session:
    """See the module. One call at a time."""

    def __init__(self, engine: Engine, graph: Machine) -> None:
        self._engine = engine
        self._graph = graph
        self._id = as_text(engine.log.meta().get("id"))
        self._config: RunnableConfig = {
            "configurable": {"thread_id": self._id},
            "recursion_limit": _RECURSION_LIMIT,
        }
        self._running: asyncio.Task[object] | None = None
        self._cancelled = False
        self._expired = False

    async def run(self, text: str, thinking: Policy | None = None, pictures: tuple[Picture, ...] = ()) -> Outcome:
        """Start a turn with a user's request; `thinking` is its own policy, None for that of the settings."""
        turn = await self._turn()
        self._engine = replace(self._engine, policy=None)
        look = await self._engine.snapshotter.look(turn.step)
        note = before_request(look.paths)
        if self._engine.permissions.mode == "plan":
            note += f"\n\n{PLAN_REMARK}"
        given: JsonObject = {"thinking": thinking, "before": look.snapshot, "seen": look.snapshot, "note": note}
        given = {**given, "changed": list(look.paths), "pictures": pictures_to_json(pictures)}
        entry: JsonObject = {"text": text, **{key: value for key, value in given.items() if value}}
        self._engine.log.append("user", turn.step, entry)
        self._engine.transcript.append(UserMessage(text + note, pictures))
        self._engine.emit(TurnStarted(self._id, text, pictures=tuple(picture.line for picture in pictures)))
        if look.paths:
            self._engine.emit(Notice(told_line(look.paths)))
        self._engine.clock.carried_s = 0.0
        return await self._drive({"turn": turn.next_turn(thinking)})

    async def resume(self, thinking: Policy | None = None) -> Outcome:
        """Go on with the turn that was cut off by a crash, a cancellation, an error or a limit.

        `thinking` replaces the turn's policy from here on; None leaves it.
        Raises `SessionError` when there is nothing to go on with.
        """
        state = await self._graph.aget_state(self._config)
        turn = await self._turn()
        request = self._engine.log.last("user")
        if request is None:
            raise SessionError("This session has no request yet; give it one.")
        if request_taken_back(self._engine.log):
            raise SessionError("The interrupted request was taken back; redo that, or give a new request.")
        if not state.next and turn.status in ("done", "failed") and request.step < turn.step:
            raise SessionError("This session's last request is finished; give it a new one.")
        lines = tuple(picture.line for picture in pictures_from(request.data))
        self._engine.emit(TurnStarted(self._id, as_text(request.data.get("text")), resumed=True, pictures=lines))
        await self._engine.snapshotter.take_up(turn.step)
        self._engine.clock.carried_s = turn.spent_s
        self._engine = replace(self._engine, policy=thinking)
        if not state.next:
            if turn.status == "running" or request.step == turn.step:
                turn = turn.next_turn(policy_named(as_text(request.data.get("thinking"))))
            # A person who resumes after a limit grants it once more.
            self._engine.clock.carried_s = 0.0
            again = replace(turn, status="running", summary="", turn_step=0, spent_tokens=0, spent_s=0.0)
            return await self._drive({"turn": again})
        return await self._drive(None)

    async def answer(self, answer: Answer) -> Outcome:
        """Give a person's answer to the question, or their decision on the call, that the turn waits for.

        Raises `SessionError` when it waits for nothing.
        """
        if request_taken_back(self._engine.log):
            raise SessionError("The question was taken back with its request; redo that, or give a new request.")
        waiting = await self._waits_for()
        if waiting is None:
            raise SessionError("The session waits for no answer; send this as a request.")
        if isinstance(answer, Approval) and answer.rules:
            self._engine.permissions.remember(answer.rules, answer.scope)
            self._engine.log.update_meta(granted=[rule.line for rule in self._engine.permissions.granted])
        return await self._drive(Command(resume=reply_of(waiting.call_id, answer)))

    @property
    def permissions(self) -> Permissions:
        """Mode and rules; `set_mode` changes the mode."""
        return self._engine.permissions

    @property
    def checks(self) -> Checks:
        """What runs after edits."""
        return self._engine.checks

    def set_mode(self, mode: Mode) -> None:
        """What the model may do without asking, from its next call on, also in mid-turn."""
        self._engine.change_mode(mode)

    def steer(self, text: str) -> None:
        """A remark for the running turn: the model reads it at its next step, without losing the cached prefix.

        Kept in the log at once. `Outcome.unheard` gives back what came too late. Raises `SessionError` when no turn
        runs: then it is a request.
        """
        if self._running is None:
            raise SessionError("No turn runs; send this as a request.")
        answered = self._engine.log.last("mode")
        self._engine.steering.add(text, answered.step if answered else 0)

    def cancel(self) -> None:
        """Stop the model call or tool at once. The session stays resumable."""
        if self._running is not None:
            self._cancelled = True
            self._running.cancel()

    async def compact(self, focus: str = "") -> Compacted | None:
        """Sum up all but the newest steps now, whatever room there is; None when there is nothing to sum up.

        `focus` is what a person wants kept. For the time between two calls: raises `SessionError` during one, and
        `Interrupted` after a `cancel`; the history is then what it was.
        """
        if self._running is not None:
            raise SessionError("The session is at work; compact it when the turn is over, or interrupt it first.")
        turn = await self._turn()
        self._cancelled = False
        event: Compacted | None = None
        async with asyncio.TaskGroup() as tasks:
            self._running = work = tasks.create_task(make_room(self._engine, turn, "asked", focus=focus))
            try:
                event = await work
            except asyncio.CancelledError:
                if not self._cancelled:
                    raise
            finally:
                self._running = None
        if work.cancelled():
            raise Interrupted("Interrupted; nothing was left out of the conversation.")
        return event

    async def commit_message(self, files: Sequence[str], otherwise: str) -> str:
        """A message for a commit of these files; `otherwise` where the model gives none."""
        self._idle("commit")
        return await drafted(self._engine, files, otherwise)

    async def filled_in(self, ask: str, schema: JsonObject, max_tokens: int) -> str:
        """JSON that the model fills in by a schema, from all that it has seen; see `agent.structured`."""
        self._idle("ask for this")
        return await filled_in(self._engine, await self._turn(), FormAsked(ask, schema, max_tokens))

    async def context_use(self) -> ContextUse:
        """What fills the next prompt, by kind."""
        engine = self._engine
        sent, offered = [*engine.transcript.sent()], engine.toolset.offered
        keeps = bool(engine.settings.endpoint.preserve_thinking)
        total = await careful_estimate(engine)
        parts = await asyncio.to_thread(parts_of, sent, offered, keeps_reasoning=keeps)
        return ContextUse(parts, total, engine.context.tokens, max(most_prompt_tokens(engine), 0))

    async def fits(self) -> bool:
        """Whether the server's context has room for a short answer behind the prompt as it is."""
        return not await full(self._engine)

    @property
    def unfinished(self) -> bool:
        """Whether the last request was cut off by the end of its process, so that `resume` goes on with it."""
        asked = self._engine.log.last("user")
        return asked is not None and not (request_taken_back(self._engine.log) or self._ended_after(asked.id))

    def _ended_after(self, entry_id: int) -> bool:
        return any(True for _ in self._engine.log.entries("end", after=entry_id))

    @property
    def requests(self) -> list[Request]:
        """The user's requests that stand, oldest first."""
        return requests(self._engine.log)

    async def plan_rewind(self, to: int) -> FilePlan:
        """What a rewind of the files to before this entry would put back, and what of the user's stands in its way."""
        self._idle("look at its changes")
        return await plan_rewind(self._engine, to)

    async def changed_so_far(self, to: int) -> FilePlan:
        """The same while a turn runs, up to its newest snapshot; `now` is "" where there is none yet."""
        return await changed_so_far(self._engine, to)

    async def rewind(self, to: int, *, conversation: bool = True, files: bool = True, force: bool = False) -> Rewound:
        """Take back a request (or step: its "mode" entry) and all after it; see `agent.rewinding.undo`."""
        self._idle("take it back")
        return await rewind(self._engine, to, conversation=conversation, files=files, force=force)

    async def plan_redo(self) -> FilePlan:
        """The same for a redo."""
        self._idle("redo")
        return await plan_redo(self._engine)

    async def redo(self, *, force: bool = False) -> Rewound:
        """Take the newest rewind back."""
        self._idle("redo")
        return await redo(self._engine, force=force)

    def _idle(self, what: str) -> None:
        if self._running is not None:
            raise SessionError(f"The session is at work; {what} when the turn is over, or interrupt it first.")

    def _expire(self) -> None:
        """The seconds of the turn are used up: stop as a cancellation does, in the middle of a call if need be."""
        if self._running is not None:
            self._expired = True
            self._running.cancel()

    def _seconds_left(self) -> float | None:
        seconds = self._engine.settings.limits.seconds
        return max(seconds - self._engine.clock.spent_s(), 0.0) if seconds else None

    async def _turn(self) -> TurnState:
        state = await self._graph.aget_state(self._config)
        values = as_object(state.values)
        return cast("TurnState", values["turn"]) if "turn" in values else TurnState()

    async def _drive(self, given: _Input) -> Outcome:
        error: AgentError | SandboxError | None = None
        self._cancelled = self._expired = False
        self._engine.clock.started = time.monotonic()
        left = self._seconds_left()
        timer = asyncio.get_running_loop().call_later(left, self._expire) if left is not None else None
        async with asyncio.TaskGroup() as tasks:
            self._engine.snapshotter.tasks = tasks
            self._engine.snapshotter.begin_turn()
            self._running = tasks.create_task(self._invoke(given))
            try:
                error = await self._running
            except asyncio.CancelledError:
                if not (self._cancelled or self._expired):
                    raise
            finally:
                self._running = None
                if timer is not None:
                    timer.cancel()
        return await self._outcome(error)

    async def _invoke(self, given: _Input) -> AgentError | SandboxError | None:
        """Run the graph; a failure of the server or the sandbox is returned, so that snapshots may still finish."""
        try:
            await self._graph.ainvoke(given, self._config, context=self._engine, durability="sync")
        except (AgentError, SandboxError) as error:
            return error
        return None

    async def _outcome(self, error: AgentError | SandboxError | None) -> Outcome:
        turn = await self._turn()
        outcome = Outcome("done", turn.summary, turn.turn_step, error)
        if error is not None:
            _logger.error("the turn stopped", exc_info=error)
            outcome = replace(outcome, status="failed", summary=str(error))
        elif self._cancelled:
            outcome = replace(outcome, status="cancelled", summary="Interrupted.")
        elif self._expired:
            seconds = self._engine.settings.limits.seconds
            sentence = f"Stopped after {seconds:g} s, the limit (--max-seconds), in the middle of a step."
            outcome = replace(outcome, status="limit", summary=sentence)
        elif turn.status == "running":
            waits = await self._waits_for()
            outcome = replace(outcome, status="waiting")
            if isinstance(waits, ApprovalAsked):
                outcome = replace(outcome, approval=waits)
            else:
                outcome = replace(outcome, question=waits)
        else:
            outcome = replace(outcome, status=turn.status)
        if outcome.status != "waiting":
            outcome = replace(outcome, unheard=self._engine.steering.take_back())
        if error is not None or self._cancelled or self._expired:
            await self._engine.snapshotter.close_turn(turn.step)
            self._engine.log.append("end", turn.step, {"status": outcome.status, "summary": outcome.summary})
        if waits := outcome.question or outcome.approval:
            self._engine.emit(waits)
        self._engine.emit(TurnEnded(outcome.status, outcome.summary, outcome.steps))
        return outcome

    async def _waits_for(self) -> QuestionAsked | ApprovalAsked | None:
        state = await self._graph.aget_state(self._config)
        return next((asked(as_object(interrupt.value)) for interrupt in state.interrupts), None)
