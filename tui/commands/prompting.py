"""Keys of the prompt that need the app: steering, recalling, the external editor."""

from tui.commands.command import AppActions
from tui.host import HostFailed
from tui.prompt.pictures import mention

_SHELL_NOTE = "The model reads the output of your commands with your next request."


async def edit_outside(app: AppActions, argument: str) -> None:
    """Put the text into $EDITOR and take it back."""
    await app.edit_outside()


async def search_history(app: AppActions, argument: str) -> None:
    """Find an earlier request."""
    from tui.prompt.history_screen import HistoryScreen

    app.show(HistoryScreen(app.prompt.history, app.prompt.editor.write))


async def shell(app: AppActions, argument: str) -> None:
    """Run a command in the sandbox; `!command` means the same."""
    if not argument:
        app.say("Write the command behind the !, for instance: !git status")
        return
    await app.host.shell(argument)
    app.say(_SHELL_NOTE)


async def paste(app: AppActions, argument: str) -> None:
    """Name the clipboard's picture in the request; what else was copied is pasted as ever."""
    editor = app.prompt.editor
    try:
        path = await app.host.clipboard_picture()
    except HostFailed:
        if not app.clipboard:
            raise
        path = ""
    if path:
        editor.insert(f"{mention(path)} ")
    else:
        editor.action_paste()


async def steer(app: AppActions, argument: str) -> None:
    """Hand what stands in the editor to the running turn, for its next step; a request when none runs."""
    editor = app.prompt.editor
    text = argument or editor.whole_text.strip()
    if not text:
        return
    if not argument:
        editor.empty()
    await app.prompt.remember(text)
    if app.running:
        app.steer(text)
    else:
        app.submit(text)


async def escape(app: AppActions, argument: str) -> None:
    """Interrupt what runs; else, pressed twice, clear the text or go back to an earlier request."""
    if app.running:
        app.action_interrupt()
    elif app.pressed_twice():
        if text := app.prompt.editor.whole_text.strip():
            await app.prompt.remember(text)
            app.prompt.editor.empty()
        else:
            app.rewind()
