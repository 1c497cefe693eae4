"""The person's checks in a turn: run when nothing else does, told to the model behind the results it knows."""

import json
import shlex

from agent.check_kinds import CheckKind
from agent.checks import MOST_ROUNDS, TIMEOUT_S, Check, failures, is_due, may_run, told
from agent.control_tokens import quoted
from agent.engine import Engine
from agent.events import CallFinished, CallStarted, Notice
from agent.messages import Nudge
from sandboxes.protocol import CommandResult
from tools.output import clean, clip

_HEAD, _TAIL = 2_000, 6_000
# What a shell says of a program that is not there, or is none.
_NO_PROGRAM = (126, 127)


async def check_failed(engine: Engine, step: int, kind: CheckKind) -> bool:
    """Run a check that is due; True when it failed and the model has been told. Raises `SandboxGone`."""
    check = engine.checks.by_kind.get(kind)
    if check is None or not is_due(engine.log, kind):
        return False
    if not may_run(check, engine.permissions):
        engine.emit(Notice(f"Not run: `{check.command}` ({kind}). Mode and rules do not allow it; /checks tells more."))
        return False
    call_id = f"check-{kind}-{step}"
    engine.emit(CallStarted(call_id, kind, json.dumps({"command": check.command}, ensure_ascii=False)))
    # In a shell of its own: the model's stays where it is.
    line = f"( cd {shlex.quote(engine.toolset.workdir)} && {check.command}\n)"
    result = await engine.toolset.sandbox.run(line, timeout_s=TIMEOUT_S)
    output = clip(clean(result.head + result.tail), head=_HEAD, tail=_TAIL).text("").rstrip("\n")
    ended = "timeout" if result.exit_code is None else f"exit {result.exit_code}"
    ok = result.exit_code == 0
    entry = {"kind": kind, "command": check.command, "ok": ok, "summary": ended, "text": output}
    engine.log.append("check", step, {**entry, "call_id": call_id, "duration_s": round(result.duration_s, 4)})
    engine.emit(CallFinished(call_id, kind, ok, ended, output, "", result.duration_s))
    return not ok and _tell(engine, step, check, result, output)


def _tell(engine: Engine, step: int, check: Check, result: CommandResult, output: str) -> bool:
    """Hand a failure to the model, unless it is none of the code's."""
    if result.exit_code is None or result.exit_code in _NO_PROGRAM:
        engine.checks.drop(check.kind)
        why = "took too long" if result.exit_code is None else "cannot be run in the sandbox"
        engine.emit(Notice(f"`{check.command}` {why}; it is left out for the rest of this session, see /checks."))
        return False
    left = MOST_ROUNDS - failures(engine.log, check.kind)
    if left == 0:
        engine.emit(Notice(f"`{check.command}` failed {MOST_ROUNDS} times in this turn; it is not run again in it."))
    text = told(check, result.exit_code, quoted(output), left)
    engine.log.append("nudge", step, {"text": text})
    engine.transcript.append(Nudge(text))
    return True
