"""A model server from the screen: `qwright serve` as a child, with a stand-in for vLLM's program."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from cli.pair.serving import planned, served
from serving.serve.process import Records, start_time, stop
from tui.host import HostFailed

TESTS = Path(__file__).resolve().parents[2]
TINY = TESTS / "fixtures" / "vllm-0.32-start"
WANTED = f"{TINY} --gpu cpu-64GB"


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """An executable that acts like vLLM, and folders of the test's own."""
    script = tmp_path / "vllm"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{TESTS / "fakes" / "vllm_server.py"}" "$@"\n')
    script.chmod(0o755)
    for name, value in {
        "QWRIGHT_VLLM": str(script),
        "QWRIGHT_STATE_DIR": str(tmp_path / "state"),
        "QWRIGHT_CONFIG_DIR": str(tmp_path / "config"),
        "FAKE_VLLM_CHILD": str(tmp_path / "child"),
        "FAKE_VLLM_SAW": str(tmp_path / "saw"),
    }.items():
        monkeypatch.setenv(name, value)
    made = Records(tmp_path / "state" / "serve")
    yield made
    for record in made.all():
        stop(record)


async def test_a_plan_says_what_starts_and_starting_it_tells_until_it_answers(records: Records, tmp_path: Path) -> None:
    plan = await planned(WANTED)
    assert "vllm serve" in plan.told
    assert "fits" in plan.told
    async with aclosing(served(plan)) as lines:
        told = [line async for line in lines]
    assert any("Ready after" in line for line in told)
    (record,) = records.all()
    assert (record.base_url, record.alive, record.ready) == (plan.base_url, True, True)
    assert not (tmp_path / "config" / "config.toml").exists(), "saving is the wizard's"


async def test_the_usual_port_may_be_taken(records: Records) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first = await planned(WANTED)
        other.bind(("127.0.0.1", int(first.base_url.split(":")[2].split("/")[0])))
        other.listen()
        assert (await planned(WANTED)).base_url != first.base_url


async def test_whoever_stops_waiting_stops_the_server(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "silent")
    plan = await planned(WANTED)
    lines = served(plan)
    async for line in lines:
        if "Starting vLLM" in line:
            break
    while not records.all():
        await anext(lines)
    (record,) = records.all()
    await lines.aclose()
    assert start_time(record.pid) != record.started
    assert records.all() == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("'27B", "close the quotation mark"), ("no-such-model", "no-such-model"), (f"{TINY} --bogus", "--bogus")],
)
async def test_what_cannot_be_planned_says_why(records: Records, wanted: str, words: str) -> None:
    with pytest.raises(HostFailed, match=words):
        await planned(wanted)


async def test_without_vllm_the_plan_says_how_to_install_it(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QWRIGHT_VLLM")
    monkeypatch.setenv("PATH", os.defpath)
    with pytest.raises(HostFailed, match="uv pip install vllm") as failed:
        await planned(WANTED)
    assert "fits" in str(failed.value)


async def test_a_server_that_dies_says_why(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VLLM", "killed")
    with pytest.raises(HostFailed, match="vLLM ended after"):
        async for _ in served(await planned(WANTED)):
            pass
