"""Commands that the person runs in the sandbox (`!`): shown as a card, told to the model with the next request."""

import asyncio
import codecs
import json

from agent.events import CallFinished, CallOutput, CallStarted, EventSink
from sandboxes.protocol import CommandResult, Sandbox
from tui.model.attachments import Ran

TIMEOUT_S = 3600.0


class PersonsShell:
    """Runs in the model's own shell: where it stands and what it exported is where and with what this runs."""

    def __init__(self) -> None:
        self._count = 0
        self._running: asyncio.Task[CommandResult] | None = None
        self._ran: list[Ran] = []

    def taken(self) -> list[Ran]:
        """What was run since the last request."""
        ran, self._ran = self._ran, []
        return ran

    def put(self, what: Ran) -> None:
        """Tell the model of something that ran elsewhere."""
        self._ran.append(what)

    def cancel(self) -> None:
        """End the running command."""
        if self._running is not None:
            self._running.cancel()

    async def run(self, command: str, sandbox: Sandbox, sink: EventSink) -> None:
        """Run one command to its end. Raises the `SandboxError` family."""
        self._count += 1
        call_id = f"person-{self._count}"
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        sink(CallStarted(call_id, "!", json.dumps({"command": command}, ensure_ascii=False)))
        running = self._running = asyncio.create_task(
            sandbox.run(
                command, timeout_s=TIMEOUT_S, on_output=lambda data: sink(CallOutput(call_id, decoder.decode(data)))
            )
        )
        try:
            await asyncio.wait([running])
        finally:
            self._running = None
            if not running.done():
                running.cancel()
        if running.cancelled():
            sink(CallFinished(call_id, "!", False, "interrupted", "[interrupted]", "", 0.0))
            return
        if error := running.exception():
            sink(CallFinished(call_id, "!", False, "failed", str(error), "", 0.0))
            raise error
        result = running.result()
        ran = Ran(command, _text(result), result.exit_code)
        self._ran.append(ran)
        code = "timeout" if result.exit_code is None else f"exit {result.exit_code}"
        ok = result.exit_code == 0
        sink(CallFinished(call_id, "!", ok, code, ran.output or "[no output]", "", result.duration_s))


def _text(result: CommandResult) -> str:
    left = result.total_bytes - len(result.head) - len(result.tail)
    between = f"\n[{left:,} bytes left out; the whole is in {result.output_path} in the sandbox]\n" if left > 0 else ""
    return (result.head + between.encode() + result.tail).decode("utf-8", "replace")
