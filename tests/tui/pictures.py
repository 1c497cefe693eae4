"""Screens as SVG files: a state is compared with its picture in `snapshots/`, at three widths.

`QWRIGHT_UPDATE_SNAPSHOTS=1` writes the pictures anew; look at them before committing. A difference leaves the new
picture beside the old one as `NAME.new.svg`.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tui.app import QwrightApp
from tui.prompt.editor import PromptEditor

SNAPSHOTS = Path(__file__).parent / "snapshots"
WIDTHS = (48, 100, 160)


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
        await act(pilot)
        await pilot.pause()
        picture = app.export_screenshot(title=name)
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
