"""What a batch is recorded with, so that a stranger can repeat it: settings, versions, seeds, and the command."""

import asyncio
import platform
from argparse import Namespace
from collections.abc import Mapping

from agent.json_types import JsonValue
from agent.settings import Settings
from cli.batch.repeat import repeat
from cli.checkout import commit
from cli.config import Config
from cli.version import VERSION
from jobs.batch.inputs.source import Source
from sandboxes.errors import SandboxError
from serving.probe import ServedModel

# No secret, and nothing that a batch does not use.
_LEFT_OUT = {"api_key", "env", "image", "workspace", "sandbox", "network"}


def setup_of(
    config: Config, settings: Settings, options: Namespace, source: Source, served: ServedModel
) -> dict[str, JsonValue]:
    """The setup of a call; no key and no value of a variable is in it. Image ids and seeds of instances come later."""
    setup: dict[str, JsonValue] = {
        "configuration": config.model_dump(mode="json", exclude=_LEFT_OUT),
        "model": settings.endpoint.model,
        "served": {"name": served.name, "root": served.root, "max_model_len": served.context_tokens},
        "context_tokens": settings.endpoint.context_tokens,
        "server_version": settings.endpoint.version,
        "docker_version": docker_version() if options.engine == "local" else "",
        "qwright": VERSION,
        "commit": commit(),
        "python": platform.python_version(),
        "rows": source.fingerprint(),
        "repo": options.repo,
        "image": source.image if source.is_issue else "",
        "selection": {name: getattr(options, name) for name in ("ids", "difficulty", "shuffle", "slice")},
        "workers": options.workers,
        "retries": options.retries,
        "engine": options.engine,
        "agents_md": not options.no_agents_md,
        "priority": settings.endpoint.priority,
        "seed": options.seed,
        "compare": options.compare,
        "attempts": options.attempts,
        "grade": options.grade,
        "pull": options.pull,
    }
    return {**setup, "repeat": repeat(setup)}


def docker_version() -> str:
    """The version of the Docker engine, "" without one; whoever needs it says so then."""

    async def ask() -> Mapping[str, JsonValue]:
        from sandboxes import docker

        engine = await docker.connect()
        try:
            return await engine.version()
        finally:
            await engine.close()

    try:
        return str(asyncio.run(ask()).get("Version", ""))
    except SandboxError:
        return ""
