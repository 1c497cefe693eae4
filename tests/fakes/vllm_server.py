"""A stand-in for the `vllm` executable: reads the same arguments, writes such a log, answers the same paths.

FAKE_VLLM says how it behaves, words parted by commas: `slow` (a second of loading), `refuse` (a chat is a 400), `busy`
(the first chats are 503), `stubborn` (SIGTERM is ignored), `die:FILE` (write the file to the log and end with code 1),
`killed` (SIGKILL itself), `end` (ends by itself shortly after it is ready), `silent` (never listens). A child process
plays the workers; its id is in the file FAKE_VLLM_CHILD, arguments and environment are in FAKE_VLLM_SAW.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BEHAVIOUR = os.environ.get("FAKE_VLLM", "").split(",")
ARGUMENTS = sys.argv[1:]
TIME = "11-22 01:55:03"


def value(flag: str, default: str) -> str:
    return ARGUMENTS[ARGUMENTS.index(flag) + 1] if flag in ARGUMENTS else default


def log(line: str) -> None:
    print(f"(APIServer pid={os.getpid()}) INFO {TIME} [entry.py:1] {line}", flush=True)


class Server(ThreadingHTTPServer):
    name = value("--served-model-name", ARGUMENTS[1] if len(ARGUMENTS) > 1 else "model")
    context = int(value("--max-model-len", "262144"))
    key = os.environ.get("VLLM_API_KEY", "")
    chats = 0


class Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]  # the class that is started below

    def do_GET(self) -> None:
        match self.path:
            case "/health":
                self.answer(200, {})
            case "/version":
                self.answer(200, {"version": "0.32.0"})
            case "/v1/models" if self.allowed():
                self.answer(200, {"data": [{"id": self.server.name, "max_model_len": self.server.context}]})
            case _:
                self.answer(401 if not self.allowed() else 404, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.chats += 1
        if "refuse" in BEHAVIOUR:
            self.answer(400, {"error": {"message": "no chat template is defined"}})
        elif "busy" in BEHAVIOUR and self.server.chats < 3:
            self.answer(503, {})
        else:
            self.answer(200, {"choices": [{"message": {"role": "assistant", "content": "ready"}}]})

    def allowed(self) -> bool:
        return not self.server.key or self.headers.get("Authorization") == f"Bearer {self.server.key}"

    def answer(self, status: int, body: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:
        return


def main() -> None:
    if path := os.environ.get("FAKE_VLLM_SAW"):
        Path(path).write_text(json.dumps({"arguments": ARGUMENTS, "environment": dict(os.environ)}))
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    if path := os.environ.get("FAKE_VLLM_CHILD"):
        Path(path).write_text(str(child.pid))
    if "stubborn" in BEHAVIOUR:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log("Initializing a V1 LLM engine (v0.32.0)")
    for word in BEHAVIOUR:
        if word.startswith("die:"):
            sys.stdout.write(Path(word.removeprefix("die:")).read_text())
            sys.stdout.flush()
            child.kill()
            child.wait()
            sys.exit(1)
    log("Starting to load model")
    if "killed" in BEHAVIOUR:
        os.kill(os.getpid(), signal.SIGKILL)
    if "silent" in BEHAVIOUR:
        time.sleep(600)
    if "slow" in BEHAVIOUR:
        time.sleep(1)
    log(
        "GPU KV cache size: 7,880,553 tokens, Maximum concurrency for 65,536 tokens per request: 120.25x",
    )
    server = Server((value("--host", "127.0.0.1"), int(value("--port", "8000"))), Handler)
    log("Application startup complete.")
    if "end" in BEHAVIOUR:
        threading.Timer(2.0, server.shutdown).start()
    server.serve_forever(0.05)
    child.kill()
    child.wait()


main()
