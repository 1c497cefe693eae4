"""The apps that `benchmarks.tui_echo` types into: `bare`, `stream BLOCKS`, `idle BLOCKS`."""

import asyncio
import sys
from collections.abc import Iterator

from textual.app import App, ComposeResult
from textual.widgets import Input, Static

from agent import events
from agent.turn import Usage
from benchmarks.tui_echo import READY
from tests.fakes.host import ScriptedHost
from tui.app import QwrightApp
from tui.opened import Opened

TOKENS_PER_S = 200
SAID = """The sign in `add` is wrong, which is **why** the test fails.

1. Change the operator in `calc.py`
2. Run the tests again

```python
def add(a: int, b: int) -> int:
    return a + b
```

"""
DIFF = "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
USAGE = Usage(1000, 50, 12, 900)


class Bare(App[None]):
    """What Textual itself needs for a key."""

    def compose(self) -> ComposeResult:
        """A line to type in."""
        yield Static(READY)
        yield Input()


def history(blocks: int) -> list[events.Event]:
    """A conversation of so many blocks, five for each request."""
    made: list[events.Event] = []
    for turn in range(blocks // 5):
        bash, edit = f"b{turn}", f"e{turn}"
        made += [
            events.TurnStarted("s", f"{turn}: look why the test fails and mend it"),
            events.StepStarted(1, True, "first step of a request"),
            events.ReasoningDelta("The test adds two numbers. " * 20),
            events.ContentDelta(SAID),
            events.StepFinished(1, USAGE, 0.1, 2.6, SAID, 2.0),
            events.CallStarted(bash, "bash", '{"command": "pytest -q"}'),
            events.CallFinished(bash, "bash", False, "", "".join(f"line {n}\n" for n in range(40)), "", 0.2),
            events.CallStarted(edit, "str_replace_editor", '{"command": "str_replace", "path": "calc.py"}'),
            events.CallFinished(edit, "str_replace_editor", True, "", "Changed.", DIFF, 0.1),
            events.TurnEnded("done", "", 1),
        ]
    return made


def answer() -> Iterator[events.Event | float]:
    """An answer of two minutes, four characters a token."""
    yield events.StepStarted(1, False, "routine step")
    for _ in range(120 * TOKENS_PER_S * 4 // len(SAID)):
        for start in range(0, len(SAID), 4):
            yield events.ContentDelta(SAID[start : start + 4])
            yield 1 / TOKENS_PER_S


def main() -> None:
    kind, *rest = sys.argv[1:]
    if kind == "bare":
        Bare().run()
        return
    opened = Opened("s", "Qwen/Qwen3.5-122B-A10B", 262_144, "docker: x", "auto", history(int(rest[0])))
    app = QwrightApp(ScriptedHost(list(answer()), opened=opened))

    async def begin(pilot: object) -> None:
        await asyncio.sleep(1)
        if kind == "stream":
            app.ask("go")
        app.prompt.put_back(READY)

    app.run(auto_pilot=begin)


if __name__ == "__main__":
    main()
