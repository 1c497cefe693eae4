"""The adapter: harbor's installed-agent interface. Needs the package `harbor` (Python 3.12) beside qwright.

    harbor run -p TASKS --agent jobs.harbor.agent:QwrightAgent -m Qwen/Qwen3.5-122B-A10B \
        --ae QWRIGHT_BASE_URL=http://GPU-HOST:8000/v1

What is used of harbor is written down here as types, because harbor cannot be installed on Python 3.11; the live check
`tests/jobs/harbor_task.py` holds them against the package.
"""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar, Protocol

from jobs.harbor.commands import (
    ENVIRONMENT,
    RESULT,
    WHEELS,
    install_command,
    model_flag,
    present_command,
    run_command,
    server_environment,
    spent_of,
)


class Executed(Protocol):
    """What a command in the container came to."""

    return_code: int


class Environment(Protocol):
    """The part of `harbor.environments.base.BaseEnvironment` that is used."""

    async def exec(self, command: str, **options: object) -> Executed:
        """Run a command in the container."""
        ...

    async def upload_dir(self, source_dir: Path | str, target_dir: str) -> None:
        """Copy a directory of this machine into the container."""
        ...


class Context(Protocol):
    """The part of `harbor.models.agent.context.AgentContext` that is used."""

    n_input_tokens: int | None
    n_cache_tokens: int | None
    n_output_tokens: int | None
    metadata: dict[str, object] | None


if TYPE_CHECKING:

    class CliFlag:
        """`harbor.agents.installed.base.CliFlag`."""

        def __init__(self, kwarg: str, cli: str, type: str = "str", choices: list[str] | None = None) -> None: ...

    class BaseInstalledAgent:
        """`harbor.agents.installed.base.BaseInstalledAgent`."""

        logs_dir: Path
        environment_logs_dir: PurePosixPath
        model_name: str | None
        CLI_FLAGS: ClassVar[list[CliFlag]]

        def __init__(self, logs_dir: Path, **options: object) -> None: ...

        def version(self) -> str | None:
            """The version that was asked for, or found after the installation."""

        def render_instruction(self, instruction: str) -> str:
            """The task in the prompt template, if there is one."""
            ...

        def build_cli_flags(self) -> str:
            """The values of `CLI_FLAGS` as options."""
            ...

        def _get_env(self, key: str, *alternatives: str) -> str | None: ...

        async def setup(self, environment: Environment) -> None:
            """Installs, and asks for the version."""
            ...

        async def ensure_system_dependencies(self, environment: Environment, dependencies: tuple[str, ...]) -> None:
            """Installs packages of the container's system."""
            ...

        async def exec_as_agent(
            self, environment: Environment, command: str, env: dict[str, str] | None = None
        ) -> object:
            """Run a command; raises when its exit code is not 0."""
            ...

else:
    from harbor.agents.installed.base import BaseInstalledAgent, CliFlag


class QwrightAgent(BaseInstalledAgent):
    """qwright, installed into the task's container and run there with the container as its sandbox.

    `--ak wheels=DIR` installs from wheels of this machine instead of an index; an image that has qwright is used as it
    is. `--ak thinking=…`, `max_steps`, `max_seconds`, `max_tokens`, `command_timeout` are qwright's own options.
    """

    CLI_FLAGS: ClassVar[list[CliFlag]] = [
        CliFlag("thinking", "--thinking", "enum", ["auto", "always", "never", "first"]),
        CliFlag("max_steps", "--max-steps", "int"),
        CliFlag("max_seconds", "--max-seconds", "int"),
        CliFlag("max_tokens", "--max-tokens", "int"),
        CliFlag("command_timeout", "--command-timeout", "int"),
    ]

    def __init__(self, logs_dir: Path, *, wheels: str | None = None, **options: object) -> None:
        super().__init__(logs_dir, **options)
        self._wheels = Path(wheels).expanduser() if wheels else None

    @staticmethod
    def name() -> str:
        """See harbor's `BaseAgent`."""
        return "qwright"

    def get_version_command(self) -> str | None:
        """See harbor's `BaseInstalledAgent`."""
        return present_command()

    def parse_version(self, stdout: str) -> str:
        """See harbor's `BaseInstalledAgent`."""
        return stdout.strip().rpartition(" ")[2]

    async def install(self, environment: Environment) -> None:
        """See harbor's `BaseInstalledAgent`."""
        if (await environment.exec(command=present_command())).return_code == 0:
            return
        if self._wheels is not None:
            await self.ensure_system_dependencies(environment, ("python3", "python_venv", "git"))
            await environment.upload_dir(self._wheels, WHEELS)
        else:
            await self.ensure_system_dependencies(environment, ("curl", "ca_certificates", "git"))
        command = install_command(self.version(), wheels=self._wheels is not None)
        await self.exec_as_agent(environment, command)

    async def run(self, instruction: str, environment: Environment, context: Context) -> None:
        """See harbor's `BaseAgent`. Raises harbor's error when endpoint, sandbox or command line fail."""
        found = {name: self._get_env(name) or "" for names in ENVIRONMENT.values() for name in names}
        command = run_command(
            self.render_instruction(instruction),
            str(self.environment_logs_dir),
            self.build_cli_flags(),
            model_flag(self.model_name),
        )
        await self.exec_as_agent(environment, command, env=server_environment(found))

    def populate_context_post_run(self, context: Context) -> None:
        """See harbor's `BaseAgent`."""
        path = self.logs_dir / RESULT
        spent = spent_of(path.read_bytes()) if path.is_file() else None
        if spent is None:
            return
        context.n_input_tokens = spent.prompt
        context.n_cache_tokens = spent.cached
        context.n_output_tokens = spent.completion
        context.metadata = {"status": spent.status, "steps": spent.steps}
