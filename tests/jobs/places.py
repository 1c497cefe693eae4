"""Instances and places for batches without Docker: a copy of a small repository in a folder of this machine."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from agent.settings import Endpoint, Settings, TurnLimits
from jobs.batch.place import Images, Place
from jobs.batch.rows import Instance
from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec
from sandboxes.workspace import HostSource, open_workspace, reopen_workspace
from tests.fakes.model import Answer, call, says

SECRET = "HIDDEN-bf1d"
SETTINGS = Settings(
    Endpoint("http://test/v1", "qwen-test", context_tokens=65536), limits=TurnLimits(steps=6), server_wait_s=0.0
)


def raw_row(name: str = "acme__calc-1", **changes: object) -> dict[str, object]:
    return {
        "instance_id": name,
        "repo": "acme/calc",
        "base_commit": "a" * 40,
        "problem_statement": "add subtracts",
        "patch": f"gold {SECRET}",
        "test_patch": f"tests {SECRET}",
        "hints_text": f"hint {SECRET}",
        "eval_script": f"echo {SECRET}",
        "FAIL_TO_PASS": f'["{SECRET}"]',
        "PASS_TO_PASS": "[]",
        "log_parser": "parse_log_pytest",
        **changes,
    }


def instance(name: str = "acme__calc-1") -> Instance:
    return Instance.model_validate(raw_row(name))


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    git(folder, "init", "-q")
    commit(folder, "start")
    return folder


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qm", message)
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def fixing() -> list[Answer]:
    sed = "sed -i 's/a - b/a + b/' calc.py"
    return [says(call("bash", command=sed)), says(call("submit"), text="Fixed.")]


@dataclass
class LocalPlaces:
    """Implements `Opener`; `failures` are raised, one a start, before a place is given."""

    folder: Path
    source: Path
    failures: list[Exception] = field(default_factory=list[Exception])
    opened: list[str] = field(default_factory=list[str])
    images: Images | None = None

    async def fresh(self, instance: Instance, session_id: str, store: Path) -> Place:
        if self.images is not None:
            await self.images.need(instance.container_image, instance.instance_id)
        sandbox = await self._started(f"fresh {instance.instance_id}")
        return Place(sandbox, await open_workspace(HostSource(self.source), sandbox, store))

    async def again(self, instance: Instance, session_id: str, store: Path) -> Place:
        sandbox = await self._started(f"again {instance.instance_id}")
        return Place(sandbox, await reopen_workspace(sandbox, store, refill=True))

    async def done(self, instance: Instance) -> None:
        self.opened.append(f"done {instance.instance_id}")
        if self.images is not None:
            await self.images.done(instance.container_image, instance.instance_id)

    async def _started(self, what: str) -> LocalSandbox:
        self.opened.append(what)
        if self.failures:
            raise self.failures.pop(0)
        workdir = self.folder / f"work-{len(self.opened)}"
        workdir.mkdir(parents=True)
        sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(workdir)))
        await sandbox.start()
        return sandbox
