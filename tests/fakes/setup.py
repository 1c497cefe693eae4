"""What faces need from outside, as a test wrote it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from tui.faces.setup import CheckLine, Choice, Demo, Found, ServePlan
from tui.host import HostFailed


class ScriptedSetup:
    """Implements `tui.faces.setup.Setup`; `choices` are those made, in order."""

    def __init__(
        self,
        found: Sequence[Found] = (),
        lines: Sequence[CheckLine] = (),
        unwritable: str = "",
        fits: str = "Qwen3.5-122B fits on 8xH100.",
    ) -> None:
        self.choices: list[Choice] = []
        self.saved: list[Choice] = []
        self.checked: list[Choice] = []
        self.settings = "/nowhere/config.toml"
        self.closed = False
        self._fits = fits
        self.served: list[str] = []
        self.work: Sequence[str | HostFailed | asyncio.Event] = ("loading the weights",)
        self.ended = 0
        self._found, self._lines, self._unwritable = found, lines, unwritable

    @property
    def choice(self) -> Choice:
        return self.choices[-1] if self.choices else Choice()

    def choose(self, choice: Choice) -> None:
        self.choices.append(choice)

    async def address(self) -> str:
        return "http://127.0.0.1:8000/v1"

    async def probe(self) -> Sequence[Found]:
        return self._found

    async def checks(self, choice: Choice) -> AsyncGenerator[CheckLine]:
        self.checked.append(choice)
        for line in self._lines:
            yield line

    async def save(self, choice: Choice) -> str:
        if self._unwritable:
            raise HostFailed(self._unwritable, "settings")
        self.saved.append(choice)
        return "Saved in config.toml."

    async def settings_file(self) -> str:
        return self.settings

    async def fit(self) -> str:
        return self._fits

    async def serve_plan(self, wanted: str) -> ServePlan:
        if not wanted:
            raise HostFailed("vLLM is not installed. Install it: uv pip install vllm.", "usage")
        return ServePlan(wanted, f"{wanted} fits on 8xH100.\nvllm serve {wanted}", "http://127.0.0.1:8001/v1")

    async def serve(self, plan: ServePlan) -> AsyncGenerator[str]:
        self.served.append(plan.wanted)
        async for line in self._work():
            yield line

    async def build_image(self) -> AsyncGenerator[str]:
        async for line in self._work():
            yield line

    @property
    def default_image(self) -> str:
        return "qwright-sandbox:1"

    async def _work(self) -> AsyncGenerator[str]:
        """What a test lets it say: a failure ends it, an event holds it up until it is set."""
        try:
            for part in self.work:
                if isinstance(part, HostFailed):
                    raise part
                if isinstance(part, asyncio.Event):
                    await part.wait()
                else:
                    yield part
        finally:
            self.ended += 1

    async def demo(self) -> Demo:
        return Demo(Choice(base_url="http://127.0.0.1:9/v1", repo="/demo", fresh=True), "The tests fail.")

    async def close(self) -> None:
        self.closed = True
