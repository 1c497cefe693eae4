"""Name a model server, see it checked, use it for now or save it."""

from contextlib import aclosing
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.faces.setup import CheckLine, Choice, Setup
from tui.host import HostFailed
from tui.model.safe import plain

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red"), "skip": ("·", "dim")}
_HOW = "Enter checks · Ctrl+S uses and saves it · Ctrl+U uses it this time · Escape back"


class WizardScreen(ModalScreen[Choice | None]):
    """Enter checks the address; Ctrl+S saves it in the user's configuration; Escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("ctrl+s", "save", "Use and save", priority=True),
        Binding("ctrl+u", "use", "Use this time", priority=True),
    ]

    def __init__(self, setup: Setup, start: Choice, *, at_once: bool = False) -> None:
        super().__init__()
        self._setup = setup
        self._address = Input(start.base_url, placeholder="http://HOST:8000/v1", id="address")
        self._model = Input(start.model, placeholder="model; empty: the only one served", id="model")
        self._key = Input(placeholder="key, if the server wants one; not saved", password=True, id="key")
        self._results = Static("", markup=False)
        self._begin = at_once and bool(start.base_url)

    def compose(self) -> ComposeResult:
        """Three fields above the results."""
        with Vertical(classes="card"):
            yield Static("The model server", classes="title", markup=False)
            yield self._address
            yield self._model
            yield self._key
            with VerticalScroll(can_focus=False):
                yield self._results
            yield Static(_HOW, classes="hint", markup=False)

    def on_mount(self) -> None:
        """A server that was found is checked at once."""
        self._address.focus()
        if self._begin:
            self._check()

    def on_input_submitted(self) -> None:
        """Check what was typed."""
        self._check()

    def _check(self) -> None:
        if choice := self._choice():
            self.run_worker(self._show(choice), exclusive=True, group="check")

    def _choice(self) -> Choice | None:
        address = address_of(self._address.value)
        if not address:
            self._results.update("Type the address of the server, such as gpu-box:8000.")
            return None
        self._address.value = address
        return Choice(base_url=address, model=self._model.value.strip(), api_key=self._key.value.strip())

    async def _show(self, choice: Choice) -> None:
        lines: list[CheckLine] = []
        self._results.update("Checking …")
        async with aclosing(self._setup.checks(choice)) as results:
            async for line in results:
                lines.append(line)
                self._results.update(drawn(lines, done=False))
        self._results.update(drawn(lines, done=True))

    def action_use(self) -> None:
        """Take it for this time."""
        if choice := self._choice():
            self.dismiss(choice)

    async def action_save(self) -> None:
        """Save it, then take it."""
        choice = self._choice()
        if choice is None:
            return
        try:
            said = await self._setup.save(choice)
        except HostFailed as failed:
            self._results.update(str(failed))
            return
        self.notify(said, markup=False)
        self.dismiss(choice)


def address_of(text: str) -> str:
    """What was typed as the address of an API: `gpu-box:8000` is http://gpu-box:8000/v1. Pure; "" for nothing."""
    text = text.strip().rstrip("/")
    if not text:
        return ""
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "http", text
    return f"{scheme}://{rest}" if "/" in rest else f"{scheme}://{rest}/v1"


def drawn(lines: list[CheckLine], *, done: bool) -> Text:
    """Results with what mends them, and at the end a verdict."""
    text = Text()
    for line in lines:
        mark, colour = _MARKS[line.status]
        text.append(f"{mark} ", colour).append(f"{line.name}: ", "bold").append(f"{plain(line.seen)}\n")
        if line.mend and line.status in ("warn", "fail"):
            text.append(f"  → {plain(line.mend)}\n", "cyan")
    if not done:
        return text.append("checking …", "dim")
    failed = sum(line.status == "fail" for line in lines)
    verdict = f"{failed} of {len(lines)} checks failed; it can be used all the same." if failed else "All is well."
    return text.append(verdict, "bold")
