"""One task through the harbor adapter: `python -m tests.jobs.harbor_task FOLDER INSTRUCTION [BASE_URL]`.

Runs with harbor itself (`make harbor`), or with the stand-in in `tests/fakes/harbor_package`. The "container" is FOLDER
on this machine, with a qwright that the adapter finds in PATH. Without BASE_URL a scripted server plays the model.
Prints what harbor would record, as JSON. Needs nothing but the standard library and harbor.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from jobs.harbor.agent import Context, Environment, QwrightAgent

AGENT = "jobs.harbor.agent:QwrightAgent"


@dataclass
class Done:
    return_code: int
    stdout: str
    stderr: str


class Folder:
    """A directory of this machine as harbor's environment."""

    default_user = None

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir

    async def exec(self, command: str, **options: object) -> Done:
        env = {**os.environ, **cast("dict[str, str]", options.get("env") or {})}
        if options.get("user") == "root":
            command = "true"
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", command, cwd=self._workdir, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def upload_dir(self, source_dir: Path | str, target_dir: str) -> None:
        raise AssertionError("the image has qwright: nothing is to be brought along")


@dataclass
class Recorded:
    n_input_tokens: int | None = None
    n_cache_tokens: int | None = None
    n_output_tokens: int | None = None
    metadata: dict[str, object] | None = None


class Factory(Protocol):
    def create_agent_from_import_path(self, import_path: str, **options: object) -> QwrightAgent: ...


def made(logs: Path, base_url: str) -> QwrightAgent:
    """The agent as harbor makes it from `--agent`, or directly where there is the stand-in only."""
    options: dict[str, object] = {
        "logs_dir": logs,
        "environment_logs_dir": PurePosixPath(logs),
        "extra_env": {"QWRIGHT_BASE_URL": base_url},
        "max_steps": 20,
        "thinking": "never",
    }
    try:
        factory = cast("Factory", importlib.import_module("harbor.agents.factory").AgentFactory)
    except ModuleNotFoundError:
        return QwrightAgent(**options)  # pyright: ignore[reportArgumentType] -- they are harbor's, whose types are open
    return factory.create_agent_from_import_path(AGENT, **options)


def context_of() -> Context:
    try:
        context = importlib.import_module("harbor.models.agent.context").AgentContext
    except ModuleNotFoundError:
        return Recorded()
    return cast("Context", context())


@contextmanager
def served(given: str | None) -> Generator[str]:
    if given:
        yield given
        return
    command = [sys.executable, "-m", "benchmarks.batch_server", "3", "0.1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        server.stdin.close()


async def main(folder: Path, instruction: str, base_url: str) -> None:
    logs = folder.parent / f"{folder.name}-logs"
    agent, environment, context = made(logs, base_url), cast("Environment", Folder(folder)), context_of()
    await agent.setup(environment)
    await agent.run(instruction, environment, context)
    agent.populate_context_post_run(context)
    tokens = [context.n_input_tokens, context.n_cache_tokens, context.n_output_tokens]
    print(json.dumps({"version": agent.version(), "tokens": tokens, "metadata": context.metadata}))


if __name__ == "__main__":
    with served(sys.argv[3] if len(sys.argv) > 3 else None) as url:
        asyncio.run(main(Path(sys.argv[1]).resolve(), sys.argv[2], url))
