"""The text in the user's own editor: $VISUAL, $EDITOR, or vi."""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from textual.app import App, SuspendNotSupported


class NoEditor(Exception):
    """No editor could be run. The text is a sentence."""


def editor_command() -> list[str]:
    """The program with its arguments. Raises `NoEditor`."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = shlex.split(named)
    except ValueError:
        command = []
    if not command or shutil.which(command[0]) is None:
        raise NoEditor(f"There is no editor {named!r}; set VISUAL or EDITOR to one that is installed.")
    return command


@contextmanager
def lent(app: App[int]) -> Generator[None]:
    """The terminal belongs to another program: a turn goes on meanwhile, and nothing is drawn. Raises `NoEditor`."""
    try:
        with app.batch_update(), app.suspend():  # pyright: ignore[reportUnknownMemberType]  # generic in its result
            yield
    except SuspendNotSupported:
        raise NoEditor("This terminal cannot be lent to an editor.") from None


async def edit_file(path: str, lend: Callable[[], AbstractContextManager[None]]) -> None:
    """A file in the editor, which has the terminal meanwhile. Raises `NoEditor`."""
    command = editor_command()
    with lend():
        process = await asyncio.create_subprocess_exec(*command, path)
        code = await process.wait()
    if code != 0:
        raise NoEditor(f"{command[0]} ended with {code}; the text is as it was.")


async def edited(text: str, lend: Callable[[], AbstractContextManager[None]]) -> str:
    """The text as the editor left it, which has the terminal meanwhile. Raises `NoEditor`."""
    with tempfile.TemporaryDirectory(prefix="qwright-") as folder:
        path = Path(folder) / "request.md"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        await edit_file(str(path), lend)
        return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
