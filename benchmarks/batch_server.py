"""A model server for many conversations at once: `python -m benchmarks.batch_server STEPS SECONDS`.

Every answer takes SECONDS, as a model's does that all conversations have a place in: whatever lies between two answers
of a conversation is the harness's. A conversation is told by `BENCH-number` in its prompt. Streams where it is asked
to, answers in one piece otherwise. Prints its port, then a JSON line for each request: conversation, when it had
arrived, when the answer's last byte was written (seconds, monotonic clock).
"""

import asyncio
import json
import re
import sys
import time

PIECES = 20
_NAME = re.compile(rb"BENCH-(\d+)")
_DONE = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git diff"


def call_of(step: int, steps: int, tools: bool) -> dict[str, object]:
    """A command that changes a file, or the end: the tool `submit` where there is one, else mini-swe-agent's words."""
    if step < steps:
        arguments: dict[str, str] = {"command": f"echo {step} >> steps.txt; cat setup.* README.* | head -40"}
        name = "bash"
    else:
        name, arguments = ("submit", {}) if tools else ("bash", {"command": _DONE})
    function: dict[str, object] = {"name": name, "arguments": json.dumps(arguments)}
    return {"index": 0, "id": f"call-{step}", "type": "function", "function": function}


def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


def streamed(call: dict[str, object], usage: dict[str, int]) -> list[bytes]:
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"reasoning": f"word {number} "}) for number in range(PIECES)),
        chunk({"tool_calls": [call]}),
        chunk({}, "tool_calls"),
        b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\ndata: [DONE]\n\n",
    ]


def whole(call: dict[str, object], usage: dict[str, int]) -> bytes:
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    choices = [{"index": 0, "message": message, "finish_reason": "tool_calls"}]
    about = {"id": "bench", "object": "chat.completion", "created": 0, "model": "scripted"}
    return json.dumps({**about, "choices": choices, "usage": usage}).encode()


class Server:
    def __init__(self, steps: int, seconds: float) -> None:
        self.steps = steps
        self.seconds = seconds

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lengths = [line[15:] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                if head.startswith("GET"):
                    about = {"data": [{"id": "scripted", "max_model_len": 1_000_000}], "version": "0"}
                    await self.write(writer, [json.dumps(about).encode()], "application/json", 0.0)
                else:
                    await self.answer(writer, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        arrived = time.monotonic()
        name = _NAME.search(body)
        request = json.loads(body)
        step = sum(message["role"] == "assistant" for message in request["messages"])
        tools = any(tool["function"]["name"] == "submit" for tool in request.get("tools", []))
        usage = {"prompt_tokens": len(body) // 4, "completion_tokens": 120, "total_tokens": len(body) // 4 + 120}
        call = call_of(step, self.steps, tools)
        if request.get("stream"):
            await self.write(writer, streamed(call, usage), "text/event-stream", self.seconds)
        else:
            await asyncio.sleep(self.seconds)
            await self.write(writer, [whole(call, usage)], "application/json", 0.0)
        line = {"conversation": int(name[1]) if name else -1, "arrived": arrived, "ended": time.monotonic()}
        print(json.dumps(line), flush=True)

    async def write(self, writer: asyncio.StreamWriter, pieces: list[bytes], kind: str, seconds: float) -> None:
        size = sum(map(len, pieces))
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n".encode())
        for piece in pieces:
            await asyncio.sleep(seconds / len(pieces))
            writer.write(piece)
            await writer.drain()


async def serve(steps: int, seconds: float) -> None:
    server = await asyncio.start_server(Server(steps, seconds).handle, "127.0.0.1", 0, limit=1 << 24, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    async with server:
        await ended


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
