"""`qwright serve` with a stand-in for vLLM's executable: start, wait, settings, stop, and each way to fail."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import exit_codes
from serving.serve.process import Records, start_time, stop
from tests.cli.programs import argv, environment, qwright

TESTS = Path(__file__).resolve().parents[2]
TINY = TESTS / "fixtures" / "vllm-0.32-start"
"""A folder with the configuration of a tiny model: fits on whatever runs the tests."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Place:
    directory: Path
    port: int

    @property
    def variables(self) -> dict[str, str]:
        return {
            "QWRIGHT_VLLM": str(self.directory / "vllm"),
            "FAKE_VLLM_CHILD": str(self.directory / "child"),
            "FAKE_VLLM_SAW": str(self.directory / "saw"),
        }

    def serve(self, *arguments: str, behaviour: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        """`qwright serve --model TINY` with further arguments."""
        start = ["serve", "--model", str(TINY), "--port", str(self.port), "--gpu", "cpu-64GB"]
        return qwright(self.directory, *start, *arguments, **self.variables, FAKE_VLLM=behaviour, **extra)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return qwright(self.directory, *arguments)

    @property
    def records(self) -> Records:
        return Records(self.directory / "state" / "serve")

    @property
    def config(self) -> Path:
        return self.directory / "config" / "config.toml"

    def saw(self) -> tuple[list[str], dict[str, str]]:
        """The arguments and the environment that vLLM was given."""
        seen = json.loads((self.directory / "saw").read_text())
        return seen["arguments"], seen["environment"]

    @property
    def child(self) -> int:
        return int((self.directory / "child").read_text())

    def child_ends(self) -> bool:
        """A signal takes a moment until it is carried out."""
        try:
            descriptor = os.pidfd_open(self.child)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([descriptor], [], [], 5.0)[0])
        finally:
            os.close(descriptor)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    script = tmp_path / "vllm"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{TESTS / "fakes" / "vllm_server.py"}" "$@"\n')
    script.chmod(0o755)
    made = Place(tmp_path, free_port())
    yield made
    for record in made.records.all():
        stop(record)


def test_start_status_and_stop(place: Place) -> None:
    (place.directory / "config").mkdir()
    place.config.write_text("# mine\nmax_steps = 9  # few\n")
    started = place.serve("--context", "65536", behaviour="slow,busy")
    assert started.returncode == exit_codes.DONE, started.stderr
    url = f"http://127.0.0.1:{place.port}/v1"
    assert f"{TINY.name} at {url}, 65,536 tokens, vLLM 0.32.0" in started.stdout
    assert "7,880,553 tokens, 120.2 requests of 65,536" in started.stdout
    assert "loading the weights" in started.stderr
    settings = tomllib.loads(place.config.read_text())
    assert settings == {"max_steps": 9, "base_url": url, "model": TINY.name}
    assert place.config.read_text().startswith("# mine\nmax_steps = 9  # few\n")
    status = place.run("serve", "status")
    assert status.returncode == exit_codes.DONE
    assert f"port {place.port}  ready" in status.stdout
    (row,) = json.loads(place.run("serve", "status", "--json").stdout)
    assert (row["state"], row["base_url"]) == ("ready", url)
    assert start_time(place.child)
    again = place.serve()
    assert again.returncode == exit_codes.USAGE
    assert f"runs on port {place.port} already" in again.stderr
    stopped = place.run("serve", "stop")
    assert stopped.returncode == exit_codes.DONE
    assert f"Stopped the server on port {place.port}" in stopped.stdout
    assert place.child_ends()
    assert "No server" in place.run("serve", "stop").stdout
    assert place.run("serve", "status").returncode == exit_codes.ENDPOINT


def test_the_key_goes_by_the_environment(place: Place) -> None:
    started = place.serve("--", "--seed", "7", QWRIGHT_API_KEY="secret-key")
    assert started.returncode == exit_codes.DONE, started.stderr
    arguments, variables = place.saw()
    assert arguments[-2:] == ["--seed", "7"]
    assert arguments[arguments.index("--host") + 1] == "127.0.0.1"
    assert "secret-key" not in str(arguments)
    assert variables["VLLM_API_KEY"] == "secret-key"
    assert "QWRIGHT_API_KEY" not in variables
    written = [path for path in place.directory.rglob("*") if path.is_file() and path.name != "saw"]
    assert not [path for path in written if b"secret-key" in path.read_bytes()]


def test_one_that_ignores_the_request_is_killed_with_its_workers(place: Place) -> None:
    assert place.serve(behaviour="stubborn").returncode == exit_codes.DONE
    record = place.records.at(place.port)
    assert record is not None
    assert stop(record, patience_s=0.5)
    assert not record.alive
    assert place.child_ends()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (f"die:{TINY / 'no-memory.log'}", "estimated maximum model length is 73600"),
        (f"die:{TINY / 'no-memory.log'}", "Take --context 73600 or less"),
        (f"die:{TINY / 'unknown-flag.log'}", "does not know --prefix-match-unitt 16"),
        ("killed", "memory running out"),
        ("refuse", "refuses a chat (HTTP 400): no chat template is defined"),
    ],
)
def test_a_server_that_does_not_become_ready(place: Place, behaviour: str, words: str) -> None:
    failed = place.serve(behaviour=behaviour)
    assert failed.returncode == exit_codes.ENDPOINT
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not place.config.exists()
    assert place.records.all() == []
    assert place.child_ends()


def test_a_limit_of_time(place: Place) -> None:
    failed = place.serve("--time-limit", "1", behaviour="silent")
    assert failed.returncode == exit_codes.ENDPOINT
    assert "not ready after 1 s (loading the weights" in failed.stderr
    assert place.child_ends()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_start_leaves_nothing(place: Place, number: signal.Signals) -> None:
    arguments = ["serve", "--model", str(TINY), "--port", str(place.port), "--gpu", "cpu-64GB"]
    variables = environment(place.directory, FAKE_VLLM="silent", **place.variables)
    process = subprocess.Popen(argv(*arguments), env=variables, cwd=place.directory, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "loading the weights" in line:
            break
    process.send_signal(number)
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == exit_codes.INTERRUPTED
    assert "Stopping the server." in said
    assert place.records.all() == []
    assert place.child_ends()


def test_in_the_foreground_its_lines_are_shown_until_it_ends(place: Place) -> None:
    done = place.serve("--foreground", "--keep-config", behaviour="end")
    assert done.returncode == exit_codes.DONE, done.stderr
    assert "Application startup complete." in done.stdout
    assert "vLLM ended (exit code 0)." in done.stdout
    assert not place.config.exists()
    assert place.records.all() == []


def test_only_the_command(place: Place) -> None:
    shown = place.serve("--print", "--template", "3.6")
    assert shown.returncode == exit_codes.DONE
    assert shown.stdout.startswith("VLLM_CPU_KVCACHE_SPACE=1 vllm serve ")
    assert "--prefix-match-unit 16" in shown.stdout
    assert not (place.directory / "saw").exists()


def test_a_taken_port(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        failed = place.serve()
    assert failed.returncode == exit_codes.USAGE
    assert f"Port {place.port} on 127.0.0.1 cannot be used" in failed.stderr


def test_what_is_missing_is_a_sentence(place: Place) -> None:
    absent = place.serve("--vllm", "/nowhere/vllm")
    assert absent.returncode == exit_codes.USAGE
    assert "/nowhere/vllm cannot be run. Install it" in absent.stderr
    large = qwright(place.directory, "serve", "--model", "122B", "--gpu", "cpu-64GB", **place.variables)
    assert large.returncode == exit_codes.FAILED
    assert "does not fit on a processor with 64 GB" in large.stderr
    assert "are missing. --force" in large.stderr
    unnamed = qwright(place.directory, "serve", "--gpu", "cpu-64GB", **place.variables)
    assert unnamed.returncode == exit_codes.USAGE
    assert "Name the model" in unnamed.stderr
    assert not (place.directory / "saw").exists()


def test_the_memory_that_others_hold(place: Place) -> None:
    driver = place.directory / "bin" / "nvidia-smi"
    driver.parent.mkdir()
    driver.write_text('#!/bin/sh\ncase "$1" in *free*) echo 1000;; *) echo "NVIDIA L40S, 46068";; esac\n')
    driver.chmod(0o755)
    path = f"{driver.parent}:{os.environ['PATH']}"
    failed = qwright(place.directory, "serve", "--model", "27B", PATH=path, **place.variables)
    assert failed.returncode == exit_codes.FAILED
    assert "GPU 0 has 1.0 GiB free" in failed.stderr
    shown = qwright(place.directory, "serve", "--print", PATH=path, **place.variables)
    assert "vllm serve Qwen/" in shown.stdout


def test_a_record_of_another_process_is_not_taken_for_ours(place: Place) -> None:
    assert place.serve().returncode == exit_codes.DONE
    record = place.records.at(place.port)
    assert record is not None
    stop(record)
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        (place.directory / "state" / "serve" / f"{place.port}.json").write_text(
            (place.directory / "state" / "serve" / f"{place.port}.json")
            .read_text()
            .replace(f'"pid": {record.pid}', f'"pid": {sleeper.pid}')
        )
        assert "No server that qwright started runs" in place.run("serve", "stop").stdout
        assert "ended" in place.run("serve", "status").stdout
        time.sleep(0.1)
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
