"""From the engine's events to blocks. Pure; the same events give the same blocks, live or from the log."""

import json

from agent import events
from agent.compaction.words import compacted_line, started_line
from tui.model.attachments import as_typed
from tui.model.blocks import (
    AnswerBlock,
    Block,
    EndBlock,
    NoticeBlock,
    QuestionBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)

# A block that runs for hours must not hold more than a screen can ever show; the log has the whole.
MOST_OUTPUT = 200_000


class Feed:
    """Blocks in order. `apply` returns the blocks that an event made or changed."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._reason = ""
        self._thought: ThoughtBlock | None = None
        self._step_thought: ThoughtBlock | None = None
        self._answer: AnswerBlock | None = None
        self._written: list[ToolBlock] = []
        self._calls: dict[str, ToolBlock] = {}
        self._tasks: ToolBlock | None = None

    def apply(self, event: events.Event) -> list[Block]:
        """Take one event in."""
        match event:
            case events.StepStarted() | events.ReasoningDelta() | events.ContentDelta() | events.StepFinished():
                return self._apply_step(event)
            case events.CallNamed() | events.CallStarted() | events.CallOutput() | events.CallFinished():
                return self._apply_call(event)
            case events.TurnStarted() | events.Steered():
                return self._ask(event)
            case events.QuestionAsked() | events.ApprovalAsked():
                return self._wait_for_person(event)
            case events.FaultHandled(fault, action):
                return [*self._settle(), self._notice(NoticeBlock(f"{fault} → {action}", "fault"))]
            case events.TurnEnded():
                return self._end(event)
            case events.Notice() | events.CompactionStarted() | events.Compacted():
                # Why one waits, the status line says for as long as it holds.
                return [] if isinstance(event, events.Waiting) else [self._notice(NoticeBlock(_said(event)))]
            case _:
                return []

    def _ask(self, event: events.TurnStarted | events.Steered) -> list[Block]:
        if isinstance(event, events.TurnStarted) and event.resumed:
            return []
        if isinstance(event, events.TurnStarted):
            self._tasks = None
            return [*self._settle(), self._add(UserBlock(as_typed(event.text), event.pictures))]
        return [*self._settle(), self._add(UserBlock(as_typed(event.text)))]

    def _wait_for_person(self, event: events.QuestionAsked | events.ApprovalAsked) -> list[Block]:
        block = self._call(event.call_id, event.tool if isinstance(event, events.ApprovalAsked) else "ask_user")
        block.state = "waiting"
        if isinstance(event, events.ApprovalAsked):
            block.arguments = event.arguments
            return [block]
        block.arguments = json.dumps({"question": event.question}, ensure_ascii=False)
        return [block, self._add(QuestionBlock(event.call_id, event.question, event.options))]

    def _apply_step(self, event: events.Event) -> list[Block]:
        match event:
            case events.StepStarted(reason=reason):
                self._reason = reason
                return [*self._settle(), *self._drop_unrun()]
            case events.ReasoningDelta(text):
                return self._think(text)
            case events.ContentDelta(text):
                return self._say(text)
            case events.StepFinished():
                return self._finish_step(event)
            case _:
                return []

    def _apply_call(self, event: events.Event) -> list[Block]:
        match event:
            case events.CallNamed("task_list") if self._tasks is not None:
                return self._settle()
            case events.CallNamed(tool):
                block = ToolBlock("", tool)
                self._written.append(block)
                return [*self._settle(), self._add(block)]
            case events.CallStarted(call_id, tool, arguments):
                block = self._call(call_id, tool)
                block.arguments, block.state = arguments, "running"
                return [block]
            case events.CallOutput(call_id, text):
                block = self._call(call_id, "")
                block.output = (block.output + text)[-MOST_OUTPUT:]
                return [block]
            case events.CallFinished():
                block = self._call(event.call_id, event.tool)
                block.state = "ok" if event.ok else "failed"
                block.output, block.summary = event.text, event.summary
                block.diff, block.seconds = event.diff, event.duration_s
                return [block]
            case _:
                return []

    def _add(self, block: Block) -> Block:
        self.blocks.append(block)
        return block

    def _notice(self, notice: NoticeBlock) -> Block:
        """The same sentence right after itself is counted, not said again."""
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, NoticeBlock) and (last.text, last.kind) == (notice.text, notice.kind):
            last.times += 1
            return last
        return self._add(notice)

    def _think(self, text: str) -> list[Block]:
        if self._thought is None:
            self._thought = self._step_thought = ThoughtBlock(self._reason)
            self._add(self._thought)
        self._thought.text += text
        return [self._thought]

    def _say(self, text: str) -> list[Block]:
        if self._answer is None:
            if not text.strip():
                return []
            self._answer = AnswerBlock()
            self._add(self._answer)
            text = text.lstrip("\n")
        self._answer.text += text
        return [self._answer]

    def _finish_step(self, event: events.StepFinished) -> list[Block]:
        thought, self._step_thought = self._step_thought, None
        if thought is not None:
            thought.tokens, thought.seconds = event.usage.reasoning_tokens, event.thought_s
        return [*self._settle(), *([thought] if thought else [])]

    def _settle(self) -> list[Block]:
        """Thought and answer of a step are complete."""
        settled = [block for block in (self._thought, self._answer) if block is not None]
        for block in settled:
            block.done = True
        self._thought = self._answer = None
        return [*settled]

    def _drop_unrun(self) -> list[Block]:
        """Calls that the model began to write and that never ran: their answer was faulty or cut off."""
        dropped = self._written
        self._written = []
        for block in dropped:
            block.state, block.summary = "failed", "not run"
        return [*dropped]

    def _call(self, call_id: str, tool: str) -> ToolBlock:
        """The block of a call: known, or the one whose name came while the call was written, or a new one."""
        block = self._calls.get(call_id)
        if block is None and tool == "task_list" and self._tasks is not None:
            block = self._calls[call_id] = self._tasks
        if block is None:
            block = next((written for written in self._written if written.tool == tool), None)
            if block is None:
                block = ToolBlock(call_id, tool)
                self._add(block)
            else:
                self._written.remove(block)
            block.call_id = call_id
            self._calls[call_id] = block
        if tool == "task_list":
            self._tasks = block
        return block

    def _end(self, event: events.TurnEnded) -> list[Block]:
        if event.status == "waiting":
            # What was written is what the person is asked about: it runs, or is answered, when the turn goes on.
            return [*self._settle(), *self._hold()]
        settled = [*self._settle(), *self._drop_unrun()]
        for block in self._calls.values():
            if block.state in ("running", "waiting"):
                block.state = "failed"
                settled.append(block)
        self._calls.clear()
        return [*settled, self._add(EndBlock(event.status, event.summary, event.steps))]

    def _hold(self) -> list[Block]:
        """Nothing runs, and what has no result waits: for a person, or for a session that is taken up again."""
        held: list[Block] = []
        for block in (*self._written, *self._calls.values()):
            if block.state in ("writing", "running"):
                block.state, block.began = "waiting", None
                held.append(block)
        return held


def _said(event: events.Notice | events.CompactionStarted | events.Compacted) -> str:
    match event:
        case events.Notice(text):
            return text
        case events.CompactionStarted():
            return started_line(event)
        case events.Compacted():
            return compacted_line(event)
