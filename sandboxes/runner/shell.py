"""Starting shells: working directory and exported environment carry over from one command to the next.

The state is written by an EXIT trap, so it is kept also after `exit 3`, and not after `exec` or a kill. With bash the
trap is set from a BASH_ENV file, so that the command itself is run exactly as by `bash -c`: same line numbers, same
messages for syntax errors.
"""

import os
import re
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
PRELUDE = """trap "$QWRIGHT_TRAP" EXIT
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

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$|BASH_FUNC_.*%%$")
_EVALUATE_S = 10
# PATH_MAX of Linux; more than fits into the environment of a process.
CWD_BYTES = 4096
STATE_BYTES = 8 * 1024 * 1024


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
            stream.write(PRELUDE)
        self._exports = b""
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
        if keep and self._load(path, marker):
            os.replace(path, self._saved)
        else:
            _remove(path)

    def _state_path(self, marker: str) -> str:
        return os.path.join(self.scratch, marker + "state")

    def _trap(self, path: str) -> str:
        # Options of the command must not reach this code: -x would print it, -e end it, -u and -C stop it.
        # bash prints its exports itself, which saves the process that reads them (a third of a short command's time).
        exports = "command export -p; command export -pf" if self.is_bash else self._environ_reader
        write = f"command pwd -P; command printf '\\0%s\\0' \"${{PWD-}}\"; {exports};"
        return f"{{ set +eux; }} 2>/dev/null; {{ {write} }} >|{shlex.quote(path)} 2>/dev/null"

    def _load(self, path: str, marker: str = "") -> bool:
        try:
            with open(path, "rb") as stream:
                fields = stream.read(STATE_BYTES).split(b"\0", 2)
        except OSError:
            return False
        if len(fields) < 3:
            return False
        physical, logical, exports = fields
        anonymous = exports.replace(marker.encode(), b"") if marker else exports
        if anonymous != self._exports:
            variables = self._evaluated(exports) if self.is_bash else exports
            if not variables.endswith(b"\0"):
                return False
            self._exports = anonymous
            self._take_variables(variables[:-1])
        # A directory that was removed has no physical path any more.
        cwd = os.fsdecode(physical[:-1] or logical)
        # The file is the command's to write: what no directory can be called is not passed on.
        if cwd.startswith("/") and len(os.fsencode(cwd)) <= CWD_BYTES:
            self.cwd = cwd
        return True

    def _evaluated(self, exports: bytes) -> bytes:
        """Turn bash's `export -p` into NUL-separated variables, by bash itself: only it knows its quoting."""
        script = f". /dev/stdin; exec {self._environ_reader}"
        argv = [self.program, "--norc", "--noprofile", "-c", script]
        try:
            return subprocess.check_output(
                argv, input=exports, stderr=subprocess.DEVNULL, env={}, cwd="/", timeout=_EVALUATE_S
            )
        except (OSError, subprocess.SubprocessError):
            return b""

    def _take_variables(self, variables: bytes) -> None:
        # bash hands on variables whose names it cannot use, without ever listing them.
        environment = {
            name: value for name, value in self.environment.items() if self.is_bash and not _NAME.match(name)
        }
        for variable in variables.split(b"\0"):
            name, equals, value = variable.partition(b"=")
            if equals and name and os.fsdecode(name) not in _OWN:
                environment[os.fsdecode(name)] = os.fsdecode(value)
        self.environment = environment

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
