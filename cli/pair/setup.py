"""What the screens of a first contact do: look for servers, check one, save it, or start the demo's."""

import asyncio
import tempfile
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

from cli.config import Config, commented_defaults
from cli.demo import material
from cli.demo.recorded import bundled
from cli.demo.server import RecordedServer
from cli.errors import CommandError
from cli.pair.building import built
from cli.pair.opening import resolved_for
from cli.pair.serving import planned, served, what_fits
from cli.paths import config_file
from sandboxes.container.image_build import DEFAULT_IMAGE
from sandboxes.errors import SandboxError
from serving.doctor.run import examine
from serving.doctor.server import Wanted
from serving.doctor.wire import Wire
from serving.probe import ServerUnusable, look
from serving.serve.errors import SettingsError
from serving.serve.settings import write_values
from tui.faces.setup import CheckLine, Choice, Demo, Found, ServePlan
from tui.host import HostFailed

# vLLM and its like, SGLang, LM Studio, Ollama: where their manuals put them.
USUAL_PORTS = (8000, 8001, 8080, 30000, 1234, 11434)
PROBE_S = 2.0
CHECKS_S = 30.0
# About the pace of a large model on one node.
PACE_S = 0.012


class PairSetup:
    """Implements `tui.faces.setup.Setup`. `choice` is what holds now, `chosen` is told of another."""

    def __init__(
        self,
        options: Namespace,
        choice: Callable[[], Choice],
        chosen: Callable[[Choice], None],
        ports: Sequence[int] = USUAL_PORTS,
    ) -> None:
        self._options = options
        self._choice = choice
        self._chosen = chosen
        self._ports = ports
        self._stack = AsyncExitStack()

    @property
    def choice(self) -> Choice:
        """See `Setup.choice`."""
        return self._choice()

    def choose(self, choice: Choice) -> None:
        """See `Setup.choose`."""
        self._chosen(choice)

    async def address(self) -> str:
        """See `Setup.address`."""
        config = await asyncio.to_thread(self._config, self._choice())
        return config.base_url if config else ""

    async def probe(self) -> Sequence[Found]:
        """See `Setup.probe`."""
        guesses = [f"http://127.0.0.1:{port}/v1" for port in self._ports]
        config = await asyncio.to_thread(self._config, self._choice())
        urls = dict.fromkeys([config.base_url, *guesses] if config else guesses)
        key = config.api_key if config else ""
        async with asyncio.TaskGroup() as tasks:
            # The key is for the configured server alone.
            asked = [
                tasks.create_task(asyncio.to_thread(_found, url, key if config and url == config.base_url else ""))
                for url in urls
            ]
        return [found for task in asked if (found := task.result()) is not None]

    async def checks(self, choice: Choice) -> AsyncGenerator[CheckLine]:
        """See `Setup.checks`."""
        config = self._config(choice) or Config.model_validate({"base_url": choice.base_url})
        need = 2 * config.answer_tokens
        wanted = Wanted(config.base_url, config.model, config.api_key, need, CHECKS_S, bool(config.preserve_thinking))
        async with Wire(config.api_key) as wire, aclosing(examine(wanted, wire)) as findings:
            async for _, found in findings:
                yield CheckLine(found.status, found.name, found.seen, found.mend)

    def _config(self, choice: Choice) -> Config | None:
        """The settings, or None when the files are broken: a first contact goes on without them."""
        try:
            return resolved_for(self._options, choice).values
        except CommandError:
            return None

    async def save(self, choice: Choice) -> str:
        """See `Setup.save`."""
        values = {key: value for key in ("base_url", "model") if (value := getattr(choice, key))}
        path = config_file()
        try:
            changed = await asyncio.to_thread(write_values, path, values)
        except SettingsError as error:
            raise HostFailed(str(error), "settings") from error
        return f"{'Saved in' if changed else 'It already stood in'} {path}."

    async def settings_file(self) -> str:
        """See `Setup.settings_file`."""
        path = config_file()
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(commented_defaults(), encoding="utf-8")
            except OSError as error:
                raise HostFailed(f"{path} cannot be written ({error.strerror}).", "settings") from error
        return str(path)

    async def fit(self) -> str:
        """See `Setup.fit`."""
        return await what_fits()

    async def serve_plan(self, wanted: str) -> ServePlan:
        """See `Setup.serve_plan`."""
        return await planned(wanted)

    def serve(self, plan: ServePlan) -> AsyncGenerator[str]:
        """See `Setup.serve`."""
        return served(plan)

    def build_image(self) -> AsyncGenerator[str]:
        """See `Setup.build_image`."""
        return built()

    @property
    def default_image(self) -> str:
        """See `Setup.default_image`."""
        return DEFAULT_IMAGE

    async def demo(self) -> Demo:
        """See `Setup.demo`."""
        try:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="qwright-demo-"))
            repo = await material.lay_out(Path(folder))
            server = await self._stack.enter_async_context(RecordedServer(bundled(), PACE_S))
        except (SandboxError, OSError) as error:
            raise HostFailed(f"The demo cannot be set up: {error}", "workspace") from error
        return Demo(Choice(base_url=server.base_url, repo=str(repo), fresh=True), material.TASK)

    async def close(self) -> None:
        """See `Setup.close`."""
        await self._stack.aclose()


def _found(url: str, key: str) -> Found | None:
    try:
        info = look(url, key, PROBE_S)
    except ServerUnusable:
        return None
    return Found(info.base_url, tuple(model.name for model in info.models), info.version)
