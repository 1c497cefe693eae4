"""All running commands in one event loop: their output, their ends, their timeouts. Nothing here blocks or polls.

Only the loop's thread touches this class. The exit of a child arrives through SIGCHLD's wake-up descriptor.
"""

import errno
import heapq
import os
import selectors
import time
from collections.abc import Callable

from sandboxes.runner import family, processes
from sandboxes.runner.command import LIVE_BYTES, LIVE_END, Command
from sandboxes.runner.frames import Request, RunnerError, Writer
from sandboxes.runner.shell import Shell
from sandboxes.runner.spool import Spool

GRACE_S = 0.5
GIVE_UP_S = 2.0
POLL_BYTES = 256 * 1024
_CHUNK = 256 * 1024


class Supervisor:
    """Starts, watches and kills commands."""

    def __init__(
        self, shell: Shell, selector: selectors.BaseSelector, writer: Writer, marker: str, alone: bool
    ) -> None:
        self._shell = shell
        self._selector = selector
        self._writer = writer
        self._prefix = f"{marker}."
        self._alone = alone
        self._count = 0
        self._commands: list[Command] = []
        self._jobs: dict[str, Command] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []

    def run(self, request_id: int, request: Request) -> None:
        """Start a command whose end is the answer to the request."""
        note = self._shell.enter_cwd()
        command = self._start(request.text("command"), "out", keep_state=True)
        command.request_id = request_id
        command.live_left = LIVE_BYTES if request.fields.get("live") else -1
        if note:
            self._take(command, note)
        timeout = request.number("timeout")
        if timeout > 0:
            self._later(timeout, lambda: self._timeout(command))

    def cancel(self, request_id: int) -> None:
        """Kill the command that answers the request, if it still runs."""
        for command in self._commands:
            if command.request_id == request_id and not command.done:
                self._kill(command)

    def start_job(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """Start a background job."""
        note = self._shell.enter_cwd()
        command = self._start(request.text("command"), "job", keep_state=False)
        command.job_id = f"job-{self._count}"
        command.spool.to_disk()
        if note:
            self._take(command, note)
        self._jobs[command.job_id] = command
        return command.status(POLL_BYTES)

    def poll_job(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """State and new output of a job."""
        command = self._job(request)
        self._drain(command)
        return command.status(POLL_BYTES)

    def kill_job(self, request_id: int, request: Request) -> "tuple[dict[str, object], bytes] | None":
        """Kill a job; None when the answer follows once it is dead."""
        command = self._job(request)
        if command.done:
            # Its shell has ended, but what the shell left behind may live.
            processes.kill(command.marker, command.pid, list)
            return command.status(POLL_BYTES)
        command.waiters.append(request_id)
        self._kill(command)
        return None

    def child_exited(self) -> None:
        """Some child has ended: finish the commands whose shells are gone."""
        self._bury()
        for command in list(self._commands):
            if not command.done and command.reap() and not (command.killing and self._survivors(command)):
                if command.killing:
                    # What forks and ends for ever is overlooked by a glance.
                    self._kill_all_of(command)
                self._finish(command)

    def next_timer(self) -> "float | None":
        """Seconds until something is due, None when nothing is."""
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def fire_timers(self) -> None:
        """Do what is due."""
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()

    def end(self) -> None:
        """Kill everything that was ever started here: the host is gone."""
        for command in self._commands:
            processes.terminate(command.marker, command.pid, [])
        processes.kill(self._prefix, 0, lambda: family.descendants(1, set()))
        for command in self._commands:
            processes.kill(command.marker, command.pid, list)

    def _start(self, text: str, kind: str, keep_state: bool) -> Command:
        self._count += 1
        # Markers are compared by prefix: the closing dot keeps 1 apart from 10.
        marker = f"{self._prefix}{self._count}."
        spool = Spool(os.path.join(self._shell.scratch, f"{kind}-{marker[:-1]}.txt"))
        command = Command(self._shell.start(text, marker, keep_state), marker, spool, text)
        self._commands.append(command)
        self._selector.register(command.fd, selectors.EVENT_READ, lambda: self._readable(command))
        return command

    def _job(self, request: Request) -> Command:
        command = self._jobs.get(request.text("job"))
        if command is None:
            raise RunnerError("KeyError", request.text("job"))
        return command

    def _later(self, seconds: float, action: "Callable[[], None]") -> None:
        self._count += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._count, action))

    def _take(self, command: Command, data: bytes) -> None:
        command.spool.add(data)
        if command.live_left >= 0 and not command.done:
            shown = data[: command.live_left]
            command.live_left -= len(data)
            # Said once, with the first byte that is left out.
            end = LIVE_END if command.live_left < 0 else b""
            self._writer.send({"id": command.request_id, "live": True}, shown + end)

    def _readable(self, command: Command) -> bool:
        """Read once; False when nothing more is there now."""
        if command.fd < 0:
            return False
        try:
            data = os.read(command.fd, _CHUNK)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return False
            data = b""
        if data:
            self._take(command, data)
            return True
        self._close_pipe(command)
        return False

    def _drain(self, command: Command) -> None:
        # Bounded: a background process may write faster than this reads.
        for _ in range(64):
            if not self._readable(command):
                return

    def _close_pipe(self, command: Command) -> None:
        self._selector.unregister(command.fd)
        os.close(command.fd)
        command.fd = -1
        if command.done:
            self._forget(command)

    def _timeout(self, command: Command) -> None:
        if not command.done and not command.reap():
            command.timed_out = True
            self._kill(command)

    def _kill(self, command: Command) -> None:
        if command.killing:
            return
        command.killing = True
        command.began = family.start_of(command.pid)
        processes.terminate(command.marker, command.pid, self._strays(command))
        self._later(GRACE_S, lambda: self._kill_hard(command))

    def _kill_hard(self, command: Command) -> None:
        if command.done:
            return
        self._kill_all_of(command)
        if command.reap():
            self._finish(command)
        else:
            # Its end arrives as SIGCHLD, unless it hangs in the kernel.
            self._later(GIVE_UP_S, lambda: self._finish(command))

    def _kill_all_of(self, command: Command) -> None:
        processes.kill(command.marker, command.pid, lambda: self._strays(command), self._alone)

    def _survivors(self, command: Command) -> bool:
        living = processes.group_lives(command.pid) or processes.living(command.marker, command.pid)
        return bool(living or self._strays(command))

    def _strays(self, command: Command) -> "list[int]":
        """What was started since a command that is to be killed, and lives in no other command's session.

        A job's are not looked for: whatever later commands left running is younger than the job, too.
        """
        if command.job_id or not command.began:
            return []
        return family.descendants(command.began, {other.pid for other in self._commands if other is not command})

    def _bury(self) -> None:
        """Collect what has ended, orphans that became this process's children included."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for command in self._commands:
                if command.pid == pid:
                    command.exited(status)

    def _finish(self, command: Command) -> None:
        if command.done:
            return
        self._drain(command)
        command.reap()
        command.ended = command.ended or time.monotonic()
        left = self._left_running(command)
        if command.fd >= 0:
            command.spool.to_disk()
        command.done = True
        if command.request_id >= 0:
            self._shell.finish(command.marker, keep=not command.killing)
            fields, payload = command.result(self._shell.cwd, left)
            self._writer.send({"id": command.request_id, "ok": fields}, payload)
        for waiter in command.waiters:
            fields, payload = command.status(POLL_BYTES)
            self._writer.send({"id": waiter, "ok": fields}, payload)
        if command.fd < 0:
            self._forget(command)

    def _left_running(self, command: Command) -> int:
        # Ids grow, so processes of this command have larger ones than its shell (a wrap-around would hide some).
        first = 0 if processes.group_lives(command.pid) else command.pid
        return len(processes.living(command.marker, command.pid, first))

    def _forget(self, command: Command) -> None:
        command.spool.close()
        if not processes.group_lives(command.pid) and command in self._commands:
            self._commands.remove(command)
