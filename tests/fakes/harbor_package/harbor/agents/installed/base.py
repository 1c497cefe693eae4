"""`harbor.agents.installed.base`, as far as the adapter uses it. `make harbor` runs the same task on the real one."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar, Protocol


class Result(Protocol):
    return_code: int
    stdout: str
    stderr: str


class Environment(Protocol):
    async def exec(self, command: str, **options: object) -> Result: ...


@dataclass
class CliFlag:
    kwarg: str
    cli: str
    type: str = "str"
    choices: list[str] | None = None


class BaseInstalledAgent:
    CLI_FLAGS: ClassVar[list[CliFlag]] = []

    def __init__(
        self,
        logs_dir: Path,
        *,
        model_name: str | None = None,
        version: str | None = None,
        extra_env: dict[str, str] | None = None,
        environment_logs_dir: PurePosixPath | None = None,
        **options: object,
    ) -> None:
        self.logs_dir = logs_dir
        self.environment_logs_dir = environment_logs_dir or PurePosixPath("/logs/agent")
        self.model_name = model_name
        self._version = version
        self._extra_env = extra_env or {}
        self._options = options

    def version(self) -> str | None:
        return self._version

    def get_version_command(self) -> str | None:
        return None

    def parse_version(self, stdout: str) -> str:
        return stdout.strip()

    def render_instruction(self, instruction: str) -> str:
        return instruction

    def build_cli_flags(self) -> str:
        chosen = [(flag.cli, self._options[flag.kwarg]) for flag in self.CLI_FLAGS if flag.kwarg in self._options]
        return " ".join(f"{flag} {value}" for flag, value in chosen)

    def _get_env(self, key: str, *alternatives: str) -> str | None:
        found = {**os.environ, **self._extra_env}
        return next((found[name] for name in (key, *alternatives) if name in found), None)

    async def install(self, environment: Environment) -> None:
        raise NotImplementedError

    async def setup(self, environment: Environment) -> None:
        await self.install(environment)
        command = self.get_version_command()
        if self._version is None and command:
            self._version = self.parse_version((await environment.exec(command)).stdout)

    async def ensure_system_dependencies(self, environment: Environment, dependencies: tuple[str, ...]) -> None:
        return

    async def exec_as_agent(self, environment: Environment, command: str, env: dict[str, str] | None = None) -> Result:
        done = await environment.exec(f"set -o pipefail; {command}", env=env)
        if done.return_code:
            raise RuntimeError(f"Command failed (exit {done.return_code}): {done.stderr}")
        return done
