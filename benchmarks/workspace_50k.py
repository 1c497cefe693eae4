"""A repository of 50,000 files: what the workspace costs, as ratios against `git status` and `cp -r` of the same run.

python -m benchmarks.workspace_50k [number of files]
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec
from sandboxes.workspace import HostSource, open_workspace

_LINES = "".join(f"    value_{number} = compute(argument, {number})\n" for number in range(40))


def build(root: Path, files: int) -> None:
    """A packed repository with one commit, 100 files to a directory, 1.7 kB each."""
    for number in range(files):
        directory = root / f"package_{number // 1000:03}" / f"part_{number // 100 % 10}"
        if number % 100 == 0:
            directory.mkdir(parents=True)
        (directory / f"module_{number:05}.py").write_text(f"def f_{number}(argument):\n{_LINES}")
    for command in (
        "init -q",
        "add -A",
        "-c gc.auto=0 -c maintenance.auto=0 -c user.name=a -c user.email=a@b commit -q -m one",
        "-c gc.auto=0 gc -q",
    ):
        subprocess.run(["git", *command.split(" ")], cwd=root, check=True)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


class TimedUpload(LocalSandbox):
    """Knows how long its uploads took, which is the backend's share of opening."""

    upload_s = 0.0

    async def upload(self, archive: Path, target: str) -> None:
        self.upload_s += await timed(lambda: super(TimedUpload, self).upload(archive, target))


async def measure(repo: Path, directory: Path) -> dict[str, float]:
    """Seconds of each step, in the order in which a session takes them."""
    inside = directory / "inside"
    inside.mkdir()
    sandbox = TimedUpload(SandboxSpec(image="", workdir=str(inside)))
    await sandbox.start()
    start = time.perf_counter()
    workspace = await open_workspace(HostSource(repo), sandbox, directory / "store")
    results = {"open": time.perf_counter() - start - sandbox.upload_s, "upload": sandbox.upload_s}
    await workspace.ready()
    results["ready, after open"] = time.perf_counter() - start - results["open"] - results["upload"]
    results["snapshot, nothing changed"] = await timed(lambda: workspace.snapshot("same"))
    (inside / "package_000/part_0/module_00000.py").write_text("changed\n")
    results["snapshot, one file"] = await timed(lambda: workspace.snapshot("one"))
    results["patch"] = await timed(workspace.patch)
    results["restore, one file"] = await timed(lambda: workspace.restore(workspace.base))
    await workspace.close()
    await sandbox.close()
    return results


def main() -> None:
    """Print a table: seconds, and multiples of the two yardsticks."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        repo = directory / "repo"
        repo.mkdir()
        build(repo, files)
        copy = seconds(lambda: subprocess.run(["cp", "-r", repo, directory / "copied"], check=True))
        status = min(
            seconds(lambda: subprocess.run(["git", "status"], cwd=repo, check=True, capture_output=True))
            for _ in range(3)
        )
        results = asyncio.run(measure(repo, directory))
        print(f"{files} files: cp -r {copy:.3f} s, git status {status:.3f} s")
        for label, took in results.items():
            print(f"{label:28} {took:8.3f} s  {took / copy:6.2f} x cp -r  {took / status:6.2f} x git status")


if __name__ == "__main__":
    main()
