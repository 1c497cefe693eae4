"""One started shell and what is known about it."""

import os
import subprocess
import time

from sandboxes.runner.spool import Spool

LIVE_BYTES = 1024 * 1024
LIVE_END = b"\n[the first 1,048,576 bytes are above; the rest is not shown as it comes]\n"


class Command:
    """A running or finished shell: a `run` that somebody waits for (`request_id`) or a background job (`job_id`).

    `began` is the start of the shell in the kernel's count, noted when the command is to be killed.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", marker: str, spool: Spool, text: str) -> None:
        self.process = process
        self.marker = marker
        self.spool = spool
        self.text = text
        self.request_id = -1
        self.job_id = ""
        # Bytes that are still sent as they come; below 0 none are.
        self.live_left = -1
        self.started = time.monotonic()
        self.ended = 0.0
        self.exit_code: int | None = None
        self.fd = os.dup(process.stdout.fileno()) if process.stdout else -1
        if process.stdout:
            process.stdout.close()
        os.set_blocking(self.fd, False)
        self.killing = False
        self.began = 0
        self.timed_out = False
        self.done = False
        self.waiters: list[int] = []
        self.polled = 0

    @property
    def pid(self) -> int:
        """Process id of the shell: also its session and its process group."""
        return self.process.pid

    def duration(self) -> float:
        """Seconds since the start, or until the end."""
        return (self.ended or time.monotonic()) - self.started

    def exited(self, status: int) -> None:
        """Take over the status of the shell that `os.waitpid` has just given."""
        self.process.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)

    def reap(self) -> bool:
        """Whether the shell has exited; the exit code becomes 128+N for signal N."""
        if self.exit_code is None:
            code = self.process.poll()
            if code is None:
                return False
            self.ended = time.monotonic()
            self.exit_code = code if code >= 0 else 128 - code
        return True

    def result(self, cwd: str, left_running: int) -> "tuple[dict[str, object], bytes]":
        """Answer to a `run`: fields, and head and tail as payload."""
        head, tail = self.spool.ends()
        fields: dict[str, object] = {
            "exit_code": None if self.timed_out else self.exit_code,
            "head": len(head),
            "total": self.spool.total,
            "path": self.spool.path if self.spool.on_disk else None,
            "timed_out": self.timed_out,
            "duration": self.duration(),
            "cwd": cwd,
            "left_running": left_running,
        }
        return fields, head + tail

    def status(self, most: int) -> "tuple[dict[str, object], bytes]":
        """Answer to a job's poll: fields, and new output, its middle left out beyond `most` bytes."""
        state = "running" if not self.done else "killed" if self.killing else "exited"
        fields: dict[str, object] = {
            "job": self.job_id,
            "state": state,
            "exit_code": self.exit_code if self.done else None,
            "total": self.spool.total,
            "path": self.spool.path,
            "command": self.text,
            "duration": self.duration(),
        }
        return fields, self._new_output(most)

    def _new_output(self, most: int) -> bytes:
        with open(self.spool.path, "rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            start, self.polled = self.polled, end
            stream.seek(start)
            if end - start <= most:
                return stream.read(end - start)
            head = stream.read(most // 2)
            stream.seek(end - most // 2)
            note = f"\n[{end - start - most // 2 * 2} bytes left out here; all output is in {self.spool.path}]\n"
            return head + note.encode("utf-8", "surrogateescape") + stream.read(most // 2)
