"""A model server from the screen: planned and started by `qwright serve`, as a child whose lines are read."""

import asyncio
import os
import shlex
import socket
import sys
from collections.abc import AsyncGenerator, Sequence

from cli import exit_codes
from cli.errors import CommandError
from cli.serve.planning import processor
from cli.serve.start import DEFAULT_PORT, vllm_executable
from serving.fit.gpus import GIB
from tui.faces.setup import ServePlan
from tui.host import HostFailed

_MOST_PORTS = 100
_SAID = 12


async def what_fits() -> str:
    """See `Setup.fit`. Without a GPU it is counted for the processor, in the memory that is free."""
    code, said = await _said(["fit"])
    if code == exit_codes.DONE or (here := await asyncio.to_thread(processor)) is None:
        return said.strip()
    return (await _said(["fit", "--gpu", f"cpu-{here.gpu.memory // GIB}GB"]))[1].strip()


async def planned(wanted: str) -> ServePlan:
    """See `Setup.serve_plan`."""
    try:
        words = shlex.split(wanted)
    except ValueError as error:
        raise HostFailed(f"{wanted}: {error}; close the quotation mark.", "usage") from error
    port = _free_port()
    given = ["--port", str(port), "--keep-config", *(["--model"] if words and words[0][:1] != "-" else []), *words]
    code, out = await _said(["serve", "--print", *given])
    if code != exit_codes.DONE:
        raise HostFailed(out.strip(), "usage")
    if "--vllm" not in words:
        try:
            vllm_executable(None)
        except CommandError as error:
            raise HostFailed(f"{out.strip()}\n\nThis would be started, but {error}", "usage") from error
    return ServePlan(shlex.join(given), out.strip(), f"http://127.0.0.1:{port}/v1")


async def served(plan: ServePlan) -> AsyncGenerator[str]:
    """See `Setup.serve`. The child ends by itself once the server answers, and the server lives on without it."""
    process = await _start(["serve", *shlex.split(plan.wanted)])
    last: list[str] = []
    try:
        if process.stdout is not None:
            async for line in process.stdout:
                text = line.decode("utf-8", "replace").rstrip()
                last = [*last[1 - _SAID :], text]
                yield text
        code = await process.wait()
    finally:
        if process.returncode is None:
            # It ends the server and all of its workers before it ends itself.
            process.terminate()
            await asyncio.shield(process.wait())
    if code != exit_codes.DONE:
        raise HostFailed(last[-1] if last else f"`qwright serve` ended with exit code {code}.", "endpoint")


async def _said(arguments: Sequence[str]) -> tuple[int, str]:
    process = await _start(arguments)
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    return process.returncode or 0, out.decode("utf-8", "replace")


async def _start(arguments: Sequence[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _free_port() -> int:
    """The usual port, or the next one that nobody has."""
    for port in range(DEFAULT_PORT, DEFAULT_PORT + _MOST_PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise HostFailed(f"No port from {DEFAULT_PORT} to {DEFAULT_PORT + _MOST_PORTS - 1} is free.", "usage")
