"""The sandbox that is none: the runner as a process of this machine. Explicit opt-in, for machines without Docker."""

import asyncio
import os
import re
import secrets
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sandboxes.channel.channel import Channel
from sandboxes.channel.operations import OperatedSandbox
from sandboxes.channel.runner_client import RunnerClient
from sandboxes.channel.runner_source import HELLO, PYTHON_OPTIONS, bundle
from sandboxes.channel.setup_line import run_setup
from sandboxes.errors import SandboxError, SandboxGone, SandboxUnavailable
from sandboxes.protocol import SandboxSpec
from sandboxes.runner import processes

# Where programs, toolchains and their caches are, and how a person reads and writes. Whatever else there is may hold a
# secret under any name (DATABASE_URL, a proxy with a password), so it is given by name or not at all.
_KEPT = re.compile(
    "PATH|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TMP|TEMP|HOSTNAME|CI|"
    "VIRTUAL_ENV|CONDA_(PREFIX|DEFAULT_ENV|EXE)|PYENV_ROOT|PYTHONPATH|NVM_DIR|NODE_PATH|GOPATH|GOROOT|GOCACHE|GOBIN|"
    "CARGO_HOME|RUSTUP_HOME|JAVA_HOME|GRADLE_USER_HOME|MAVEN_HOME|GEM_HOME|GEM_PATH|LD_LIBRARY_PATH|PKG_CONFIG_PATH|"
    "MANPATH|INFOPATH|XDG_(CACHE|CONFIG|DATA|STATE)_HOME|XDG_DATA_DIRS|SSL_CERT_(FILE|DIR)|NIX_SSL_CERT_FILE"
)
_STREAM_LIMIT = 1 << 20
_END_S = 10


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Of the environment what is known to hold no secret; the rest is left out, whatever it is called."""
    return {name: value for name, value in environment.items() if _KEPT.fullmatch(name)}


class LocalSandbox(OperatedSandbox):
    """Implements `Sandbox` in a directory of the host. Of the spec it uses workdir, environment and setup."""

    def __init__(self, spec: SandboxSpec) -> None:
        super().__init__()
        self._spec = spec
        self._scratch = ""
        self._marker = secrets.token_hex(6)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def workdir(self) -> str:
        """The host directory to work in."""
        return self._spec.workdir

    @property
    def scratch(self) -> str:
        """A private temporary directory, removed on close."""
        return self._scratch

    @property
    def description(self) -> str:
        """One line for people."""
        return f"local: NOTHING ISOLATES commands from this machine, its files and its network ({self.workdir})"

    async def start(self) -> None:
        """Start the runner; raises `SandboxUnavailable`."""
        if not await asyncio.to_thread(Path(self.workdir).is_dir):
            raise SandboxUnavailable(f"The work directory {self.workdir} does not exist; name one that does.")
        self._scratch = tempfile.mkdtemp(prefix="qwright-")
        try:
            await self._connect()
            await run_setup(self, self._spec.setup)
        except BaseException:
            await self.close()
            raise

    async def _connect(self) -> None:
        with (Path(self._scratch) / "runner.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *PYTHON_OPTIONS,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=scrubbed(os.environ),
                # Ctrl-C at the terminal is for qwright; it decides what to do with the command.
                start_new_session=True,
                limit=_STREAM_LIMIT,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise SandboxUnavailable("The local runner started without pipes.")
        await self._process.stdout.readexactly(len(HELLO))
        channel = Channel(self._process.stdout, self._process.stdin)
        channel.open(bundle())
        client = RunnerClient(channel)
        self._operations = client
        try:
            await client.init(self.workdir, self._scratch, dict(self._spec.environment), self._marker)
        except SandboxError as error:
            raise SandboxUnavailable(f"The local runner did not start: {error} {self._log()}") from error

    async def close(self) -> None:
        """End the runner and every process it started, and remove the scratch directory."""
        operations, self._operations = self._operations, None
        process, self._process = self._process, None
        if operations is not None:
            await operations.close()
        if process is not None:
            try:
                await asyncio.wait_for(process.wait(), timeout=_END_S)
            except TimeoutError:
                process.kill()
                await process.wait()
            # A runner that was itself killed, or too slow, leaves its commands to this.
            await asyncio.to_thread(processes.kill, f"{self._marker}.", 0, list)
        if self._scratch:
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)

    async def explain(self, gone: SandboxGone) -> SandboxGone:
        """Add what the runner said at its end."""
        log = self._log()
        return SandboxGone(f"{gone} {log}") if log else gone

    async def upload(self, archive: Path, target: str) -> None:
        """Unpack a tar file into a directory."""
        await asyncio.to_thread(_unpack, archive, Path(self.workdir) / target)

    def _log(self) -> str:
        try:
            return (Path(self._scratch) / "runner.log").read_text("utf-8", "replace")[-2000:].strip()
        except OSError:
            return ""


def _unpack(archive: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="tar")
