"""Keys of the prompt that need the app: steering, recalling, the external editor."""

from tui.commands.command import AppActions


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
