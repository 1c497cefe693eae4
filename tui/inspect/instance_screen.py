"""One instance: its steps on the left, what happened in the marked one on the right."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from tui.inspect.drawn import clipped, step_text
from tui.inspect.host import InspectHost, StepView
from tui.model.safe import line
from tui.past.diff_lines import patch_lines


class InstanceScreen(Screen[None]):
    """Up and Down mark a step, n and p go to another instance, d, t and r show patch, tests, reasoning."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "Back"),
        Binding("r", "reasoning", "Reasoning"),
        Binding("d", "patch", "Patch"),
        Binding("t", "tests", "Tests"),
        Binding("n", "other(1)", "Next"),
        Binding("p", "other(-1)", "Previous"),
        Binding("space,pagedown", "scroll(1)", "Page", show=False),
        Binding("pageup", "scroll(-1)", "Page up", show=False),
    ]

    def __init__(self, host: InspectHost, names: Sequence[str], name: str) -> None:
        super().__init__()
        self._host = host
        self._names = list(names)
        self._shown = name
        self._steps: Sequence[StepView] = ()
        self._reasoning = False

    def compose(self) -> ComposeResult:
        """Title, steps, detail."""
        yield Static(id="inspect-title")
        with Horizontal():
            yield OptionList(id="inspect-steps")
            with VerticalScroll(id="inspect-detail"):
                yield Static(id="inspect-text")
        yield Footer()

    def on_mount(self) -> None:
        """Read the instance."""
        self._open(self._shown)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Another step is marked."""
        self._draw(message.option_index)

    def action_reasoning(self) -> None:
        """Show or hide what was thought."""
        self._reasoning = not self._reasoning
        self._draw(self._marked())

    def action_patch(self) -> None:
        """The patch."""
        patch = self._host.patch(self._shown)
        width = self.query_one("#inspect-text").size.width
        self._show("patch", patch_lines(patch, max(width, 2)) if patch.strip() else ())

    def action_tests(self) -> None:
        """What the tests said."""
        self._show("output of tests", clipped(self._host.tests(self._shown)))

    def action_other(self, by: int) -> None:
        """Another instance of the list, round and round."""
        at = self._names.index(self._shown)
        self._open(self._names[(at + by) % len(self._names)])

    def action_scroll(self, pages: int) -> None:
        """Page through the detail while the steps keep the keys."""
        detail = self.query_one("#inspect-detail", VerticalScroll)
        detail.scroll_relative(y=pages * max(detail.size.height - 2, 1), animate=False)

    def _open(self, name: str) -> None:
        self._shown = name
        self._steps = self._host.steps(name)
        at = self._names.index(name) + 1
        self.query_one("#inspect-title", Static).update(Text(f"{line(name)}  {at}/{len(self._names)}", "bold"))
        steps = self.query_one("#inspect-steps", OptionList)
        steps.clear_options()
        steps.add_options(Option(Text(line(step.title), no_wrap=True, overflow="ellipsis")) for step in self._steps)
        steps.focus()
        if self._steps:
            steps.highlighted = 0
        else:
            self._write(Text("There is no session to read: it was never begun, or its log is gone.", "dim"))

    def _marked(self) -> int:
        return self.query_one("#inspect-steps", OptionList).highlighted or 0

    def _draw(self, number: int) -> None:
        if number < len(self._steps):
            self._write(step_text(self._steps[number], reasoning=self._reasoning))

    def _show(self, what: str, lines: Iterable[Text]) -> None:
        self._write(Text("\n").join(lines) or Text(f"There is no {what}.", "dim"))

    def _write(self, text: Text) -> None:
        self.query_one("#inspect-text", Static).update(text)
        self.query_one("#inspect-detail", VerticalScroll).scroll_home(animate=False)
