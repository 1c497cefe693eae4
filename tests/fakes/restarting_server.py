"""A model server as a process of its own, to be killed and started again on the same port.

`python -m tests.fakes.restarting_server PORT MODE`: "dies" sends the beginning of an answer and kills itself with
SIGKILL; "loads" answers 503 twice, then a whole answer; "works" gives a whole answer. It prints a line when it listens.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = (
    b'data: {"choices":[{"index":0,"delta":{"content":"Back again."},"finish_reason":null}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
BUSY = b'{"error":{"message":"The engine is currently busy","type":"ServiceUnavailableError","code":503}}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mode = "works"
    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        Handler.asked += 1
        if self.mode == "loads" and Handler.asked <= 2:
            self._send(503, "application/json", BUSY)
        elif self.mode == "dies":
            self._send(200, "text/event-stream", ANSWER[:60], announced=len(ANSWER))
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            self._send(200, "text/event-stream", ANSWER)

    def _send(self, status: int, kind: str, data: bytes, announced: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data) if announced is None else announced))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        return


def main() -> None:
    Handler.mode = sys.argv[2]
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
