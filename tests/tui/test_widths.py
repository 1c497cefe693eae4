"""From 40 to 300 columns, by resizing: what a person needs stays on the screen, whole."""

import pytest
from textual.pilot import Pilot

from tests.tui.cells import lines
from tests.tui.inspect.test_inspect import app as inspect_app
from tests.tui.pictures import opened
from tests.tui.states import SCREENS, STATES, app_of

WIDTHS = (40, 51, 64, 80, 120, 200, 300)
HEIGHTS = (24, 40)
# Words of each state that may never be cut off or covered, at any width.
NEEDED = {
    "rest": ("Ask, or describe", "ready"),
    "turn": ("look around", "bash ls", "0.2 s", "Ask, or describe", "ready"),
    "live": ("+1 −1", "bash pytest -q", "Ask, or describe", "working"),
    "troubled": ("failed: The server is gone.", "Ask, or describe", "ready"),
    "card-command": ("Run this command?", "git stash", "yes", "always…", "no, with a reason", "no, and stop"),
    "card-edit": ("Change calc.py?", "return a + b", "yes", "always…", "no, with a reason", "no, and stop"),
    "card-plan": ("Change `add` in calc.py", "yes", "no, with a reason", "no, and stop"),
    "card-question": ("Which port", "8000", "8080"),
    "completion": ("/help", "/clear", "ready"),
    "help": ("earch commands", "/help"),
    "diff": ("src/a.py", "return a + b", "Escape closes"),
    "pager": ("edit calc.py", "return a + b", "/ searches", "Escape closes"),
    "checks": ("make test", "/checks lint make lint", "ready"),
    "map": ("files", "/ searches", "Escape closes"),
    "no-server": ("Welcome: qwright needs", "127.0.0.1:8077", "Enter a server"),
    "no-docker": ("No Docker engine", "Try again"),
    "risk": ("Work without a sandbox?", "isolates", "n or Escape"),
    "wizard": ("The model server", "reachable", "Ctrl+S", "Escape back"),
    "serving": ("Serve a model on this", "vllm serve 27B", "Ctrl+S starts this", "Escape back"),
    "starting": ("Starting the model server", "loading the weights", "Escape stops"),
    "no-image": ("image is not here", "Build qwright"),
    "building": ("Building the image", "Step 1/9", "Escape stops building"),
    "rewind": ("Back to before", "conversation and files", "Enter chooses"),
}


async def seen(pilot: Pilot[int], width: int, height: int) -> list[str]:
    await pilot.resize_terminal(width, height)
    await pilot.pause(0.1)
    return lines(app_of(pilot))


@pytest.mark.parametrize("name", STATES)
async def test_what_is_needed_is_there_at_every_width(name: str) -> None:
    app = STATES[name].make()
    app.animation_level = "none"
    async with app.run_test(size=(100, 36)) as pilot:
        await opened(pilot)
        await STATES[name].act(pilot)
        # Wider and narrower again; screens above the conversation are laid out anew in either case.
        for width in WIDTHS if name in SCREENS else (*WIDTHS, *reversed(WIDTHS)):
            for height in HEIGHTS:
                screen = await seen(pilot, width, height)
                text = " ".join(" ".join(line.replace("\xa0", " ") for line in screen).split())
                for words in NEEDED[name]:
                    assert words in text, f"{words!r} is not there at {width} x {height}\n" + "\n".join(screen)


@pytest.mark.parametrize(
    ("keys", "words"), [("", ("a__b-1", "resolved", "q")), ("enter", ("a__b-1", "1/3", "thinking"))]
)
async def test_the_inspector_at_every_width(keys: str, words: tuple[str, ...]) -> None:
    inspector = inspect_app()
    async with inspector.run_test(size=(100, 36)) as pilot:
        await pilot.pause()
        if keys:
            await pilot.press(keys)
            await pilot.pause(0.1)
        for width in WIDTHS:
            await pilot.resize_terminal(width, 24)
            await pilot.pause(0.1)
            shown = "\n".join(lines(inspector))
            assert all(word in shown for word in words), f"at {width}\n{shown}"


@pytest.mark.parametrize("name", ["rest", "turn", "live"])
async def test_the_status_line_tells_whole_facts(name: str) -> None:
    app = STATES[name].make()
    async with app.run_test(size=(300, 36)) as pilot:
        await opened(pilot)
        await STATES[name].act(pilot)
        widest = (await seen(pilot, 300, 36))[-1].split()
        facts = [" ".join(widest)]
        known = set(facts[0].replace("·", " ").split())
        for width in range(40, 301, 7):
            line = (await seen(pilot, width, 30))[-1]
            assert set(line.replace("·", " ").split()) <= known, line
            assert line.split()[0] == widest[0]


async def test_nothing_lies_beside_the_screen() -> None:
    app = STATES["turn"].make()
    async with app.run_test(size=(100, 36)) as pilot:
        await opened(pilot)
        await STATES["turn"].act(pilot)
        for width in WIDTHS:
            await seen(pilot, width, 24)
            for widget in app.screen.query("*"):
                if widget.display and widget.region.area:
                    assert widget.region.right <= width, f"{widget} at {width}"
