"""A model server in a process of its own that wants commands run: `python -m benchmarks.scripted_server STEPS`.

It speaks just enough of vLLM's wire format. On standard output it prints its port, then one JSON line per request: the
step, when the whole request had arrived, when the last byte of the answer was written (seconds, monotonic clock), and
the bytes of the request. The answer streams as a model's does, an event a millisecond, so that what is measured behind
its end is what comes behind its end.
"""

import asyncio
import json
import sys
import time


def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


def answer(step: int, steps: int, prompt_bytes: int) -> list[bytes]:
    name, arguments = ("bash", {"command": f"sed -n {step},{step + 28}p text.py"}) if step < steps else ("submit", {})
    function = {"name": name, "arguments": json.dumps(arguments)}
    usage = {"prompt_tokens": prompt_bytes // 5, "completion_tokens": 120, "total_tokens": 0}
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"reasoning": f"word {number} "}) for number in range(40)),
        chunk({"content": "I run the next command.\n"}),
        chunk({"tool_calls": [{"index": 0, "id": f"call-{step}", "type": "function", "function": function}]}),
        chunk({}, "tool_calls"),
        b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n",
        b"data: [DONE]\n\n",
    ]


async def serve(steps: int) -> None:
    done = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not done.is_set():
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                break
            lengths = [line[15:] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
            length = int(lengths[0]) if lengths else 0
            body = await reader.readexactly(length)
            arrived = time.monotonic()
            if head.startswith("GET"):
                about = {"data": [{"id": "scripted", "max_model_len": 10_000_000}], "version": "0"}
                pieces, kind = [json.dumps(about).encode()], "application/json"
            else:
                step = body.count(b'"role":"assistant"')
                pieces, kind = answer(step, steps, length), "text/event-stream"
            size, ended = sum(map(len, pieces)), 0.0
            writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n".encode())
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                ended = time.monotonic()
                await asyncio.sleep(0.001 if piece is not pieces[-1] else 0)
            if kind == "text/event-stream":
                print(json.dumps({"arrived": arrived, "ended": ended, "bytes": length}), flush=True)
        writer.close()

    # With the usual 64 KB a long request would be read in many small pieces, and the reading counted as the sender's.
    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=64 * 2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)
        done.set()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
