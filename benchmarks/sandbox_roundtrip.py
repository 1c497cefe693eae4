"""Round trip of a command: over the runner, by `docker exec`, and as a plain local process. One run, one table.

Usage: python -m benchmarks.sandbox_roundtrip [image]. The bar: the runner takes at most 1/20 of `docker exec`.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec

_BAR = 20


async def _milliseconds(call: Callable[[], Awaitable[object]], times: int) -> list[float]:
    spent: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        spent.append((time.perf_counter() - began) * 1000)
    return spent


async def _process(*argv: str) -> None:
    process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.DEVNULL)
    await process.wait()


async def measure(image: str) -> float:
    """Print the table; gives how many times quicker than `docker exec` the runner is, by medians."""
    sandbox = DockerSandbox(SandboxSpec(image=image, session_id="benchmark"))
    began = time.perf_counter()
    await sandbox.start()
    started = time.perf_counter() - began
    try:
        rows = {
            "run over the runner": await _milliseconds(lambda: sandbox.run("true", timeout_s=10), 200),
            "file stat over the runner": await _milliseconds(lambda: sandbox.stat("/"), 200),
            "docker exec": await _milliseconds(lambda: _process("docker", "exec", sandbox.container, "true"), 20),
            "bash -c on this machine": await _milliseconds(lambda: _process("bash", "-c", "true"), 50),
        }
    finally:
        await sandbox.close()
    print(f"sandbox ready in {started:.2f} s\n")
    print(f"{'call':28}{'min ms':>9}{'median':>9}{'p95':>9}")
    for name, spent in rows.items():
        spent.sort()
        print(f"{name:28}{spent[0]:9.2f}{statistics.median(spent):9.2f}{spent[int(len(spent) * 0.95)]:9.2f}")
    return statistics.median(rows["docker exec"]) / statistics.median(rows["run over the runner"])


if __name__ == "__main__":
    ratio = asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else "sandbox-base:bookworm"))
    verdict = "ok" if ratio >= _BAR else "MISSED"
    print(f"\ndocker exec takes {ratio:.1f} times as long as the runner (bar: {_BAR}): {verdict}")
