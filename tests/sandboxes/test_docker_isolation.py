"""What a container must not have, must not be able to do, and what becomes of it when somebody dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandboxes import docker
from sandboxes.container.reap import list_sandboxes, prune, reap
from sandboxes.container.sandbox import DockerSandbox, reattach
from sandboxes.errors import SandboxGone, SandboxUnavailable
from sandboxes.protocol import Limits, Mount, SandboxSpec

pytestmark = pytest.mark.docker
_MEMORY = 128 * 1024**2


@asynccontextmanager
async def _started(spec: SandboxSpec) -> AsyncGenerator[DockerSandbox]:
    sandbox = DockerSandbox(spec)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


async def _text(sandbox: DockerSandbox, command: str, timeout_s: float = 20) -> str:
    return (await sandbox.run(command, timeout_s=timeout_s)).head.decode()


async def test_nothing_of_the_host_is_inside(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QWRIGHT_API_KEY", "sk-secret-of-the-host")
    async with _started(SandboxSpec(image=docker_engine, environment={"GIVEN": "1"})) as sandbox:
        status = await _text(sandbox, "cat /proc/self/status")
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
            assert line in status
        environment = await _text(sandbox, "cat /proc/[0-9]*/environ | tr '\\0' '\\n'")
        assert "sk-secret" not in environment
        assert "GIVEN=1" in environment
        assert await _text(sandbox, "ls /sys/class/net") == "lo\n"
        assert (await sandbox.run("ls /var/run/docker.sock /run/docker.sock", timeout_s=5)).exit_code != 0
        assert "network none" in sandbox.description


async def test_engine_socket_is_never_mounted(docker_engine: str) -> None:
    mount = Mount(Path("/var/run/docker.sock"), "/var/run/docker.sock")
    with pytest.raises(SandboxUnavailable, match="Remove that mount"):
        await DockerSandbox(SandboxSpec(image=docker_engine, mounts=(mount,))).start()


async def test_fork_bomb_is_contained(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine, limits=Limits(memory_bytes=_MEMORY * 2, pids=64))) as sandbox:
        result = await sandbox.run("bomb() { bomb | bomb & }; bomb; sleep 30", timeout_s=2)
        assert result.timed_out
        assert await _text(sandbox, "echo alive") == "alive\n"
        assert (await sandbox.stat("/")) is not None


async def test_out_of_memory_ends_the_command_and_not_the_sandbox(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine, limits=Limits(memory_bytes=_MEMORY))) as sandbox:
        result = await sandbox.run("python3 -c 'x = bytearray(1 << 30)'", timeout_s=30)
        assert result.exit_code == 137
        assert await _text(sandbox, "echo alive") == "alive\n"


async def test_user_without_a_passwd_entry_has_a_home(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine, user="12345:12345", workdir="/srv/work")) as sandbox:
        assert await _text(sandbox, "id -u; cd; touch x && ls; pwd") == f"12345\nx\n{sandbox.scratch}/home\n"
        assert (await sandbox.write_file("/srv/work/f", b"x")).size == 1


async def test_setup_line_is_kept_and_its_failure_told(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine, setup="export ACTIVATED=yes; cd /usr")) as sandbox:
        assert await _text(sandbox, "echo $ACTIVATED; pwd") == "yes\n/usr\n"
    with pytest.raises(SandboxUnavailable, match=r"exit code 9.*broken setup"):
        await DockerSandbox(SandboxSpec(image=docker_engine, setup="echo broken setup; exit 9")).start()
    assert not [row for row in await list_sandboxes() if row.owner_lives and row.session_id == "setup"]


async def test_missing_image_is_a_sentence_with_a_remedy(docker_engine: str) -> None:
    with pytest.raises(SandboxUnavailable, match="qwright sandbox build"):
        await DockerSandbox(SandboxSpec(image="localhost:1/no/such-image:0")).start()


async def test_no_engine_is_a_sentence_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(SandboxUnavailable, match="systemctl start docker"):
        await DockerSandbox(SandboxSpec(image="any")).start()


@pytest.mark.parametrize("where", ["ssh://somebody@somewhere", "tcp://127.0.0.1:2376"])
async def test_encrypted_engines_are_refused_with_the_way_around(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", where)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "" if where.startswith("ssh") else "1")
    with pytest.raises(SandboxUnavailable, match=r"ssh -nNT|TLS"):
        await DockerSandbox(SandboxSpec(image="any")).start()


async def test_killed_container_is_named(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine, session_id="killed")) as sandbox:
        running = asyncio.create_task(sandbox.run("sleep 60", timeout_s=90))
        await asyncio.sleep(0.3)
        engine = await docker.connect()
        await engine.remove(sandbox.container)
        await engine.close()
        with pytest.raises(SandboxGone, match=r"removed by somebody|killed from outside"):
            await running
        with pytest.raises(SandboxGone):
            await sandbox.stat("/")


async def test_closed_sandbox_refuses_and_closes_again(docker_engine: str) -> None:
    sandbox = DockerSandbox(SandboxSpec(image=docker_engine, session_id="closed"))
    await sandbox.start()
    await sandbox.close()
    await sandbox.close()
    with pytest.raises(SandboxGone):
        await sandbox.run("true", timeout_s=1)
    assert not [row for row in await list_sandboxes() if row.session_id == "closed"]


_ORPHAN = """
import asyncio, sys
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec

async def main():
    sandbox = DockerSandbox(SandboxSpec(image=sys.argv[1], session_id=sys.argv[2]))
    await sandbox.start()
    await sandbox.run("cd /usr; export KEPT=1; sleep 7777 & echo", timeout_s=5)
    print("ready", flush=True)
    await sandbox.run("sleep 8888", timeout_s=99)

asyncio.run(main())
"""


async def _orphan(image: str, session: str) -> None:
    """Leave a container behind whose owner is killed with SIGKILL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ORPHAN, image, session, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    mine = [row for row in await list_sandboxes() if row.session_id == session]
    assert [row.owner_lives for row in mine] == [True]
    assert not [row for row in await reap() if row.session_id == session]
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_orphans_are_reaped(docker_engine: str) -> None:
    session = f"orphan-{os.getpid()}"
    await _orphan(docker_engine, session)
    assert not [row for row in await reap(spare={session}) if row.session_id == session]
    assert [row.owner_lives for row in await list_sandboxes() if row.session_id == session] == [False]
    assert session in [row.session_id for row in await reap()]
    assert session not in [row.session_id for row in await list_sandboxes()]


async def test_a_session_is_entered_again(docker_engine: str) -> None:
    session = f"again-{os.getpid()}"
    assert await reattach(session) is None
    await _orphan(docker_engine, session)
    sandbox = await reattach(session)
    assert sandbox is not None
    assert "8.0 GiB, 1024 processes" in sandbox.description
    try:
        assert await _text(sandbox, "echo $KEPT; pwd") == "1\n/usr\n"
        assert (
            await _text(sandbox, "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c -e '[7]777' -e '[8]888'")
        ) == "0\n"
        assert session not in [row.session_id for row in await prune()]
    finally:
        await sandbox.close()


async def test_an_engine_behind_tcp(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not await asyncio.to_thread(Path("/var/run/docker.sock").exists):
        pytest.skip("the engine has no socket at /var/run/docker.sock to stand in front of")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection("/var/run/docker.sock")
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
    async with _started(SandboxSpec(image=docker_engine)) as sandbox:
        assert await _text(sandbox, "echo over tcp") == "over tcp\n"
    server.close()
