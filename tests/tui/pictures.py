"""Screens as SVG files: a state is compared with its picture in `snapshots/`, at three widths.

`QWRIGHT_UPDATE_SNAPSHOTS=1` writes the pictures anew; look at them before committing. A difference leaves the new
picture beside the old one as `NAME.new.svg`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tui.app import QwrightApp
from tui.prompt.editor import PromptEditor
from tui.status.line import StatusLine

SNAPSHOTS = Path(__file__).parent / "snapshots"
WIDTHS = (48, 100, 160)


async def opened(pilot: Pilot[int]) -> None:
    """Wait until the session is open, or cannot be."""
    async with asyncio.timeout(20):
        while "ready" not in str(pilot.app.screen_stack[0].query_one(StatusLine).content):
            await pilot.pause(0.02)


async def settled(pilot: Pilot[int], name: str) -> str:
    """The screen once it has stopped changing."""
    before, now = "", pilot.app.export_screenshot(title=name)
    async with asyncio.timeout(20):
        while before != now:
            await pilot.pause(0.15)
            before, now = now, pilot.app.export_screenshot(title=name)
    return now


async def check_picture(
    name: str,
    make: Callable[[], QwrightApp],
    act: Callable[[Pilot[int]], Awaitable[None]],
    width: int,
    height: int = 36,
) -> None:
    """Bring an app into a state and compare its screen with the stored one."""
    app = make()
    app.animation_level = "none"
    async with app.run_test(size=(width, height)) as pilot:
        app.query_one(PromptEditor).cursor_blink = False
        await opened(pilot)
        await act(pilot)
        picture = await settled(pilot, name)
    path = SNAPSHOTS / f"{name}-{width}.svg"
    if os.environ.get("QWRIGHT_UPDATE_SNAPSHOTS") == "1":
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")
        return
    known = path.read_text(encoding="utf-8") if path.is_file() else ""
    if picture != known:
        path.with_suffix(".new.svg").write_text(picture, encoding="utf-8")
        raise AssertionError(
            f"The screen is not the one in {path.name}; compare it with {path.stem}.new.svg beside it."
        )
