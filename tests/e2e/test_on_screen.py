"""The terminal app as a person uses it: a real terminal (tmux), a real vLLM, a real Docker engine."""

import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.conftest import CALC, Product
from tests.e2e.screen import Screen, on_screen
from tests.live.server import Vllm
from tui.approval.card import GRACE_S

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(300)]
FIXED = CALC.replace("a - b", "a + b")
COPIED = "This is a copy now"
WAITS = "until test -e go; do sleep 0.1; done; echo it went on"


def bash(command: str) -> dict[str, object]:
    return {"name": "bash", "arguments": {"command": command}}


def edit(path: str, old: str, new: str) -> dict[str, object]:
    arguments = {"command": "str_replace", "path": path, "old_str": old, "new_str": new}
    return {"name": "str_replace_editor", "arguments": arguments}


@dataclass(slots=True)
class Desk:
    """A repository, the server whose words are written here, and how the app is started."""

    product: Product
    repository: Path
    vllm: Vllm
    image: str
    names: list[str] = field(default_factory=list[str])

    def words(self, *turns: dict[str, object]) -> str:
        """A new name; whoever asks for it is answered so."""
        name = f"SCREEN-{uuid.uuid4().hex[:10]}"
        self.vllm.script(name, list(turns))
        self.names.append(name)
        return name

    def command(self, *arguments: str) -> list[str]:
        options = ["--base-url", self.vllm.base_url]
        place = [] if arguments else ["--image", self.image]
        return [str(Path(sys.executable).parent / "qwright"), *arguments, *options, *place]


@pytest.fixture
def desk(product: Product, repository: Path, vllm: Vllm, docker_engine: str) -> Iterator[Desk]:
    made = Desk(product, repository, vllm, docker_engine)
    yield made
    for name in made.names:
        (vllm.scripts / f"{name}.json").unlink()


def ready(screen: Screen) -> str:
    return screen.until("\n  ready ", without=["opening"])


def decide(screen: Screen, key: str, gone: str) -> None:
    """A card takes no key for half a second, and on a busy machine that may begin after it is seen."""
    for _ in range(8):
        time.sleep(GRACE_S + 0.1)
        screen.press(key)
        if screen.comes(without=[gone], seconds=3):
            return
    raise AssertionError(f"the card took no {key!r}\n{screen.text()}")


def conversation(screen: Screen) -> list[str]:
    """The lines above the prompt that are not empty; what the app said of its own commands is no part of it."""
    lines = screen.lines()
    prompt = max(number for number, line in enumerate(lines) if line.startswith("╭"))
    return [line for line in lines[:prompt] if line.strip() and COPIED not in line]


def ask_approve_edit(screen: Screen, desk: Desk) -> str:
    name = desk.words(
        {"think": "First the tests.", "calls": [bash("python3 -m unittest")]},
        {"think": "The sign.", "calls": [edit("calc.py", "return a - b", "return a + b")]},
        {"say": "`add` adds now."},
    )
    screen.send("/mode ask")
    screen.until("mode ask")
    screen.send(f"{name}: mend add")
    screen.until("Run this command?", "python3 -m unittest")
    decide(screen, "y", "Run this command?")
    screen.until("Change calc.py?", "-     return a - b", "+     return a + b")
    assert (desk.repository / "calc.py").read_text() == CALC
    decide(screen, "y", "Change calc.py?")
    screen.until("add adds now.")
    ready(screen)
    assert (desk.repository / "calc.py").read_text() == FIXED
    return name


def undo_redo(screen: Screen, desk: Desk, name: str) -> None:
    screen.send("/undo")
    screen.until("taken back", f"│ {name}: mend add")
    assert (desk.repository / "calc.py").read_text() == CALC
    screen.press("Escape")
    screen.press("Escape")
    screen.until("Ask, or describe a change")
    screen.send("/redo")
    screen.until("Redone.", "add adds now.")
    assert (desk.repository / "calc.py").read_text() == FIXED


def interrupt(screen: Screen, desk: Desk) -> None:
    name = desk.words({"say": "This takes a while.", "calls": [bash("sleep 600")]})
    screen.send("/mode auto")
    screen.until("mode auto")
    screen.send(f"{name}: wait")
    screen.until("bash sleep 600")
    screen.press("Escape")
    screen.until("cancelled: Interrupted.", "✗ bash sleep 600")
    ready(screen)


def steer(screen: Screen, desk: Desk) -> None:
    """The remark is in the prompt of the next step: only then does the script have its answer."""
    name = desk.words(
        {"say": "I look.", "calls": [bash(WAITS)]},
        {"when": {"last_contains": "use tabs, please"}, "say": "Tabs it is."},
        {"say": "Nobody told me anything."},
    )
    screen.send(f"{name}: look")
    screen.until("bash until")
    screen.type("use tabs, please")
    screen.until("use tabs, please")
    screen.press("C-s")
    screen.until("Ask, or describe a change", "use tabs, please")
    (desk.repository / "go").touch()
    screen.until("Tabs it is.")
    ready(screen)


def rename_export_fork(screen: Screen, desk: Desk) -> None:
    screen.send("/rename calculator")
    screen.until("called 'calculator'")
    screen.send("/export markdown told.md")
    screen.until("The session is in")
    assert "`add` adds now." in (desk.repository / "told.md").read_text()
    screen.send("/fork other way")
    screen.until(COPIED)
    ready(screen)
    screen.send("/sessions")
    screen.until(" Sessions", "calculator", " · here · ")
    screen.press("Escape")
    screen.until("Ask, or describe a change", without=[" Sessions"])


def killed_and_taken_up(screen: Screen, desk: Desk) -> None:
    name = desk.words(
        {"think": "I shall run it.", "say": "Running.", "calls": [bash("sleep 601")]},
        {"when": {"last_contains": "not run again"}, "say": "It was cut off; I leave it."},
        {"say": "Nothing was cut off."},
    )
    screen.send(f"{name}: run it")
    screen.until("bash sleep 601")
    before = conversation(screen)
    screen.kill()
    screen.start(desk.command("-c"))
    screen.until("/continue", "Enter continues it")
    ready(screen)
    after = conversation(screen)
    known = before[: next(number for number, line in enumerate(before) if "bash sleep 601" in line)]
    assert after[: len(known)] == known
    screen.press("Enter")
    screen.until("It was cut off; I leave it.", "interrupted")
    ready(screen)


def quit_and_resumed_by_id(screen: Screen, desk: Desk) -> None:
    screen.press("C-d")
    assert screen.ended() == 0
    listed = desk.product.run("sessions", "list").stdout
    first = next(line.split()[0] for line in listed.splitlines() if "calculator" in line and "(fork)" not in line)
    screen.start(desk.command("-r", first))
    ready(screen)
    screen.until("add adds now.", "Tabs it is.", without=["It was cut off"])
    screen.press("C-d")
    assert screen.ended() == 0


def test_a_day_at_the_terminal(desk: Desk) -> None:
    with on_screen(desk.command(), desk.product.environment, desk.repository, height=90) as screen:
        ready(screen)
        name = ask_approve_edit(screen, desk)
        undo_redo(screen, desk, name)
        interrupt(screen, desk)
        steer(screen, desk)
        rename_export_fork(screen, desk)
        killed_and_taken_up(screen, desk)
        quit_and_resumed_by_id(screen, desk)


def test_checks_and_the_map(desk: Desk) -> None:
    """The repository's linter runs once a person says so, and its failure is in the prompt of the next step."""
    (desk.repository / ".qwright.toml").write_text('[checks]\nlint = "grep -q plus calc.py"\n')
    name = desk.words(
        {"say": "I look.", "calls": [bash("cat calc.py")]},
        {"calls": [edit("calc.py", "return a - b", "return a + b")]},
        {"when": {"last_contains": "The linter ran after your edits and failed"}, "say": "The linter wants the word."},
        {"say": "Nobody complained."},
    )
    asks = desk.words({"when": {"last_contains": "AddTest(test_add)"}, "say": "I see the map."}, {"say": "No map."})
    with on_screen(desk.command(), desk.product.environment, desk.repository) as screen:
        ready(screen)
        screen.send("/checks")
        screen.until("this project says so: /checks on", "test_calc.py suggests")
        screen.send("/checks on")
        screen.until("runs after each step that edits")
        screen.send(f"{name}: mend add")
        screen.until("The linter wants the word.", "✗ lint grep -q plus calc.py")
        ready(screen)
        screen.send("/map")
        screen.until("calc.py: add", "test_calc.py: AddTest(test_add)", "Escape closes")
        screen.press("Escape")
        screen.until(without=["Escape closes"])
        screen.send("/map send")
        screen.until("with your next request")
        screen.send(f"{asks}: what is here?")
        screen.until("I see the map.")
        ready(screen)
        screen.press("C-d")
        assert screen.ended() == 0
