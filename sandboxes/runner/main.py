"""The runner's loop: requests in, answers out.

Commands live in the event loop; everything that touches files goes to a few threads that are started at once, because
later there may be no process slot left for a new one.
"""

import errno
import os
import queue
import selectors
import signal
import sys
import threading
from collections.abc import Callable

from sandboxes.runner import family, processes
from sandboxes.runner.files import Files
from sandboxes.runner.frames import Decoder, Request, RunnerError, Writer
from sandboxes.runner.shell import Shell
from sandboxes.runner.supervisor import Supervisor
from sandboxes.runner.tree import Tree

_WORKERS = 4
_ERRORS = {
    errno.ENOENT: ("PathMissing", "does not exist"),
    errno.ENOTDIR: ("PathMissing", "does not exist: a part of it is not a directory"),
    errno.EISDIR: ("PathNotAFile", "is a directory"),
    errno.ELOOP: ("PathNotAFile", "is a circle of links"),
    errno.EACCES: ("PathError", "is not permitted to this user"),
    errno.EPERM: ("PathError", "is not permitted to this user"),
    errno.EROFS: ("PathError", "is on a read-only file system"),
    errno.ENOSPC: ("PathError", "cannot be written: no space is left"),
}


class Runner:
    """Dispatches requests until the host closes its end."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._selector = selectors.DefaultSelector()
        self._decoder = Decoder()
        self._work: queue.Queue[Callable[[], None]] = queue.Queue()
        self._supervisor: Supervisor | None = None
        self._files = Files("/")
        self._tree = Tree("/", writer)
        self._alone = False

    def serve(self) -> None:
        """Run until the end of standard input, then kill everything: in a container also that itself."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, _on_child)
        for _ in range(_WORKERS):
            threading.Thread(target=self._worker, daemon=True).start()
        self._selector.register(wake_read, selectors.EVENT_READ, lambda: self._woken(wake_read))
        self._selector.register(0, selectors.EVENT_READ, self._requests)
        try:
            while True:
                due = self._supervisor.next_timer() if self._supervisor else None
                for key, _ in self._selector.select(due):
                    if key.fd in self._selector.get_map():
                        key.data()
                if self._supervisor:
                    self._supervisor.fire_timers()
        except EOFError:
            return
        finally:
            if self._supervisor:
                self._supervisor.end()
            if self._alone:
                # The container's first process waits for one that this ends, and then the container stops.
                processes.kill_all()

    def _requests(self) -> None:
        data = os.read(0, 1 << 18)
        if not data:
            raise EOFError
        for request in self._decoder.feed(data):
            self._dispatch(int(request.number("id", -1)), request)

    def _woken(self, fd: int) -> None:
        os.read(fd, 4096)
        if self._supervisor:
            self._supervisor.child_exited()

    def _worker(self) -> None:
        while True:
            self._work.get()()

    def _dispatch(self, request_id: int, request: Request) -> None:
        operation = request.text("op")
        if operation == "init":
            self._answer(request_id, request, self._init)
        elif self._supervisor is None:
            self._refuse(request_id, "SandboxError", "The first request must be init.")
        elif operation in ("run", "cancel", "job_start", "job_poll", "job_kill"):
            self._answer_command(request_id, request, operation, self._supervisor)
        else:
            self._work.put(lambda: self._answer_file(request_id, request, operation))

    def _answer_command(self, request_id: int, request: Request, operation: str, supervisor: Supervisor) -> None:
        try:
            answer: tuple[dict[str, object], bytes] | None = None
            if operation == "run":
                supervisor.run(request_id, request)
            elif operation == "cancel":
                supervisor.cancel(int(request.number("target", -1)))
                answer = ({}, b"")
            elif operation == "job_start":
                answer = supervisor.start_job(request)
            elif operation == "job_poll":
                answer = supervisor.poll_job(request)
            else:
                answer = supervisor.kill_job(request_id, request)
        except (RunnerError, OSError) as error:
            self._fail(request_id, request, error)
            return
        if answer is not None:
            self._writer.send({"id": request_id, "ok": answer[0]}, answer[1])

    def _answer_file(self, request_id: int, request: Request, operation: str) -> None:
        if operation in ("scan", "read_tree"):
            send = self._tree.scan if operation == "scan" else self._tree.read
            send(request_id, request)
            self._writer.send({"id": request_id, "ok": {}})
            return
        operations: dict[str, Callable[[Request], tuple[dict[str, object], bytes]]] = {
            "stat": self._files.stat,
            "read": self._files.read,
            "write": self._files.write,
            "delete": self._files.delete,
            "list": self._files.list,
            "ping": lambda request: ({}, request.payload),
        }
        handler = operations.get(operation)
        if handler is None:
            self._refuse(request_id, "SandboxError", f"The runner does not know the operation {operation!r}.")
        else:
            self._answer(request_id, request, handler)

    def _answer(
        self, request_id: int, request: Request, handler: "Callable[[Request], tuple[dict[str, object], bytes]]"
    ) -> None:
        try:
            fields, payload = handler(request)
        except (RunnerError, OSError, MemoryError, UnicodeError) as error:
            self._fail(request_id, request, error)
        else:
            self._writer.send({"id": request_id, "ok": fields}, payload)

    def _fail(self, request_id: int, request: Request, error: BaseException) -> None:
        if isinstance(error, RunnerError):
            self._refuse(request_id, error.kind, str(error))
        elif isinstance(error, OSError):
            kind, reason = _ERRORS.get(error.errno or 0, ("PathError", f"cannot be used: {error.strerror}"))
            self._refuse(request_id, kind, "{} {}.".format(request.text("path", "This"), reason))
        else:
            self._refuse(request_id, "PathError", "{} cannot be used: {}.".format(request.text("path", "This"), error))

    def _refuse(self, request_id: int, kind: str, message: str) -> None:
        self._writer.send({"id": request_id, "error": kind, "message": message})

    def _init(self, request: Request) -> "tuple[dict[str, object], bytes]":
        workdir, scratch = request.text("workdir"), request.text("scratch")
        os.makedirs(scratch, 0o700, exist_ok=True)
        os.makedirs(workdir, exist_ok=True)
        shell = Shell(workdir, scratch, request.pairs("environment"))
        # A parent in another namespace, which shows as none, started this from outside of a container.
        self._alone = bool(request.fields.get("alone")) and os.getppid() == 0
        self._supervisor = Supervisor(shell, self._selector, self._writer, request.text("marker"), self._alone)
        self._files = Files(workdir)
        self._tree = Tree(workdir, self._writer)
        return {"python": ".".join(str(n) for n in sys.version_info[:3]), "shell": shell.program, "cwd": shell.cwd}, b""


def _on_child(number: int, frame: object) -> None:
    """Only a handler of its own makes Python write to the wake-up descriptor."""


def main() -> None:
    """Serve requests on standard input and output."""
    processes.protect()
    family.adopt()
    Runner(Writer(1)).serve()
