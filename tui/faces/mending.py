"""From a trouble to what is to be opened next: shows the faces one after the other until a way is taken."""

from dataclasses import replace
from typing import Literal, TypeAlias

from tui.faces.setup import Choice, Setup
from tui.faces.table import LOCAL_RISK, Option
from tui.host import HostFailed
from tui.prompt.external import NoEditor, edit_file, lent
from tui.session_app import SessionApp

Verdict: TypeAlias = Literal["again", "later", "quit"]


async def mended(app: SessionApp, failed: HostFailed) -> Verdict:
    """What the person wants: another try (`Setup.choose` has what changed), to look around first, or to quit.

    Must run in a worker of the app.
    """
    from tui.faces.trouble import TroubleScreen

    setup = app.host.setup
    while True:
        option = await app.push_screen_wait(TroubleScreen(failed, setup))
        if option.way == "later":
            return "later"
        if option.way == "quit":
            return "quit"
        try:
            if await _taken(app, option, setup):
                return "again"
        except HostFailed as other:
            failed = other


async def _taken(app: SessionApp, option: Option, setup: Setup) -> bool:
    """Go the way of an option; False for back to the face."""
    match option.way:
        case "retry":
            return True
        case "new":
            setup.choose(replace(setup.choice, fresh=True, session=""))
            return True
        case "demo":
            demo = await setup.demo()
            setup.choose(demo.choice)
            app.prompt.put_back(demo.task)
            return True
        case "fit":
            return await _served_here(app, setup)
        case "build":
            return await _built(app, setup)
        case "settings":
            return await _edited(app, await setup.settings_file())
        case "local":
            return await _local(app, setup)
        case _:
            return await _server(app, option, setup)


async def _served_here(app: SessionApp, setup: Setup) -> bool:
    """A model is named, its plan agreed to, its server started, checked, and used or saved."""
    from tui.faces.serving import ServingScreen
    from tui.faces.work import WorkScreen

    plan = await app.push_screen_wait(ServingScreen(setup))
    if plan is None:
        return False
    work = WorkScreen("Starting the model server", setup.serve(plan), stops="Escape stops the server again")
    if not await app.push_screen_wait(work):
        return False
    return await _server(app, Option("use", "", "", plan.base_url), setup)


async def _built(app: SessionApp, setup: Setup) -> bool:
    from tui.faces.work import WorkScreen

    title = f"Building the image {setup.default_image}"
    if not await app.push_screen_wait(WorkScreen(title, setup.build_image(), stops="Escape stops building")):
        return False
    setup.choose(replace(setup.choice, image=setup.default_image))
    return True


async def _edited(app: SessionApp, path: str) -> bool:
    try:
        await edit_file(path, lambda: lent(app))
    except NoEditor as error:
        raise HostFailed(f"{error} The file is {path}.", "settings") from error
    return True


async def _local(app: SessionApp, setup: Setup) -> bool:
    from tui.faces.sure import SureScreen

    if not await app.push_screen_wait(SureScreen("Work without a sandbox?", LOCAL_RISK)):
        return False
    setup.choose(replace(setup.choice, sandbox="local"))
    return True


async def _server(app: SessionApp, option: Option, setup: Setup) -> bool:
    """A server to enter, one that was found, or another model of the configured one."""
    from tui.faces.wizard import WizardScreen

    address = option.address or await setup.address()
    start = Choice(base_url=address, model=option.model)
    chosen = await app.push_screen_wait(WizardScreen(setup, start, at_once=option.way != "server"))
    if chosen is None:
        return False
    setup.choose(replace(setup.choice, base_url=chosen.base_url, model=chosen.model, api_key=chosen.api_key))
    return True
