"""Starting shells: working directory and exported environment carry over from one command to the next.

The state is written by an EXIT trap, so it is kept also after `exit 3`, and not after `exec` or a kill. With bash the
trap is set from a BASH_ENV file, so that the command itself is run exactly as by `bash -c`: same line numbers, same
messages for syntax errors.
"""

import os
import shlex
import shutil
import subprocess

from sandboxes.runner.frames import RunnerError
from sandboxes.runner.processes import MARKER

DEFAULTS = {
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "MANPAGER": "cat",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PIP_PROGRESS_BAR": "off",
    "GIT_TERMINAL_PROMPT": "0",
}
_PRELUDE = """trap "$QWRIGHT_TRAP" EXIT
unset QWRIGHT_TRAP
if [ -n "${QWRIGHT_BASH_ENV+set}" ]; then
    BASH_ENV=$QWRIGHT_BASH_ENV
    unset QWRIGHT_BASH_ENV
    . "$BASH_ENV"
else
    unset BASH_ENV
fi
"""
# Never carried over: they belong to the finished command.
_OWN = ("_", "SHLVL", "PWD", MARKER, "QWRIGHT_TRAP", "QWRIGHT_BASH_ENV")


class Shell:
    """The state between commands, and how to start the next one."""

    def __init__(self, workdir: str, scratch: str, environment: "dict[str, str]") -> None:
        self.workdir = workdir
        self.scratch = scratch
        self.cwd = workdir
        self.environment = dict(os.environ)
        self.environment.update(DEFAULTS)
        self.environment.update(environment)
        self._find_home()
        path = self.environment.get("PATH", os.defpath)
        self.program = shutil.which("bash", path=path) or shutil.which("sh", path=path) or "/bin/sh"
        self.is_bash = os.path.basename(self.program) == "bash"
        self._environ_reader = self._find_environ_reader(path)
        self._prelude = os.path.join(scratch, "prelude.sh")
        with open(self._prelude, "w") as stream:
            stream.write(_PRELUDE)
        self._saved = os.path.join(scratch, "shell-state")
        self._load(self._saved)

    def start(self, command: str, marker: str, keep_state: bool) -> "subprocess.Popen[bytes]":
        """Start a command in a session of its own, output and errors in one pipe."""
        environment = dict(self.environment)
        environment[MARKER] = marker
        text = command
        if keep_state:
            trap = self._trap(self._state_path(marker))
            if self.is_bash:
                environment["QWRIGHT_TRAP"] = trap
                if "BASH_ENV" in environment:
                    environment["QWRIGHT_BASH_ENV"] = environment["BASH_ENV"]
                environment["BASH_ENV"] = self._prelude
            else:
                text = f"trap {shlex.quote(trap)} EXIT; {command}"
        try:
            process = subprocess.Popen(
                [os.path.basename(self.program), "-c", text],
                executable=self.program,
                cwd=self.cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            raise RunnerError("SandboxError", f"The shell did not start: {error}.") from error
        _prefer_for_oom(process.pid)
        return process

    def enter_cwd(self) -> bytes:
        """Make sure that the next command has a directory to start in; a sentence for its output if it had to move."""
        if os.path.isdir(self.cwd):
            return b""
        lost, self.cwd = self.cwd, self.workdir
        return (f"[{lost} is gone; this command runs in {self.cwd}]\n").encode("utf-8", "surrogateescape")

    def finish(self, marker: str, keep: bool) -> None:
        """Take over the state that a command left, if it left one."""
        path = self._state_path(marker)
        if keep and self._load(path):
            os.replace(path, self._saved)
        else:
            _remove(path)

    def _state_path(self, marker: str) -> str:
        return os.path.join(self.scratch, marker + "state")

    def _trap(self, path: str) -> str:
        # Options of the command must not reach this code: -x would print it, -e end it, -u and -C stop it.
        write = f"command pwd -P; command printf '\\0'; {self._environ_reader};"
        return f"{{ set +eux; }} 2>/dev/null; {{ {write} }} >|{shlex.quote(path)} 2>/dev/null"

    def _load(self, path: str) -> bool:
        try:
            with open(path, "rb") as stream:
                cwd, _, variables = stream.read().partition(b"\0")
        except OSError:
            return False
        if not variables.endswith(b"\0") or not cwd.endswith(b"\n"):
            return False
        self.cwd = os.fsdecode(cwd[:-1])
        environment: dict[str, str] = {}
        for variable in variables[:-1].split(b"\0"):
            name, equals, value = variable.partition(b"=")
            if equals and name and os.fsdecode(name) not in _OWN:
                environment[os.fsdecode(name)] = os.fsdecode(value)
        self.environment = environment
        return True

    def _find_home(self) -> None:
        home = self.environment.get("HOME", "")
        if not home or not os.access(home, os.W_OK | os.X_OK):
            # A user without a passwd entry gets "/": tools need a writable place for caches and configuration.
            home = os.path.join(self.scratch, "home")
            os.makedirs(home, exist_ok=True)
            self.environment["HOME"] = home

    def _find_environ_reader(self, path: str) -> str:
        cat = shutil.which("cat", path=path)
        if cat and os.path.exists("/proc/self/environ"):
            return f"{shlex.quote(cat)} /proc/self/environ"
        return "{} -0".format(shlex.quote(shutil.which("env", path=path) or "/usr/bin/env"))


def _prefer_for_oom(pid: int) -> None:
    # When memory runs out the kernel shall take the command and not the runner.
    try:
        with open(f"/proc/{pid}/oom_score_adj", "w") as stream:
            stream.write("500")
    except OSError:
        return


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
