"""Serve a model on this machine: what fits, what would be started, and the word that starts it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.faces.setup import ServePlan, Setup
from tui.faces.shelter import sheltered
from tui.host import HostFailed
from tui.model.safe import plain

_HOW = "Enter plans it · Ctrl+S starts what is planned · Escape back"
_READY = "Ctrl+S starts this · Enter plans anew · Escape back"


class ServingScreen(ModalScreen[ServePlan | None]):
    """Gives the plan that a person agreed to. Only one that stands on the screen can be agreed to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("ctrl+s", "start", "Start", priority=True),
    ]

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self._setup = setup
        self._plan: ServePlan | None = None
        self._wanted = Input(
            placeholder="model or folder of weights, such as 27B; empty: the largest that fits", id="wanted"
        )
        self._said = Static("Looking at this machine …", markup=False)
        self._hint = Static(_HOW, classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        """The model above what fits, or above its plan."""
        with Vertical(classes="card"):
            yield Static("Serve a model on this machine", classes="title", markup=False)
            yield self._wanted
            with VerticalScroll():
                yield self._said
            yield self._hint

    def on_mount(self) -> None:
        """What fits is counted meanwhile."""
        self._wanted.focus()
        self.run_worker(self._fit(), exclusive=True, group="plan")

    def on_input_changed(self) -> None:
        """Another model than the planned one."""
        self._forget()

    def on_input_submitted(self) -> None:
        """Plan it."""
        self._forget()
        self._said.update("Planning …")
        self.run_worker(self._planned(self._wanted.value.strip()), exclusive=True, group="plan")

    def action_start(self) -> None:
        """Agree to the plan."""
        if self._plan is not None:
            self.dismiss(self._plan)

    def _forget(self) -> None:
        self._plan = None
        self._hint.update(_HOW)

    async def _fit(self) -> None:
        try:
            said = await sheltered(self._setup.fit())
        except HostFailed as failed:
            said = str(failed)
        self._said.update(plain(said))

    async def _planned(self, wanted: str) -> None:
        try:
            self._plan = await sheltered(self._setup.serve_plan(wanted))
        except HostFailed as failed:
            self._said.update(plain(str(failed)))
            return
        self._said.update(plain(self._plan.told))
        self._hint.update(_READY)
