"""Pages, panels and the steps of a first contact as pictures."""

import pytest

from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.states import SCREENS


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["pager", "map", "checks", "serving", "no-image"])
async def test_screens(name: str, width: int) -> None:
    await check_picture(name, SCREENS[name].make, SCREENS[name].act, width, height=26)
