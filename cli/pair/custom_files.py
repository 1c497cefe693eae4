"""Finds custom commands and skills: the user's own beside their configuration, the project's in its tree.

The project's are read through the sandbox: a link that leads out of the tree leads nowhere on the host.
"""

from collections.abc import Iterable
from pathlib import Path

from cli.paths import config_file
from sandboxes.errors import PathError
from sandboxes.protocol import Sandbox
from tui.commands.custom import MOST_CHARACTERS, CustomCommand, name_of, parsed

PROJECT_FOLDERS = (".qwright", ".claude")
MOST_FILES = 200
_DEPTH = 4


def users_commands() -> list[CustomCommand]:
    """`commands/*.md` and `skills/*/SKILL.md` beside the user's configuration."""
    home = config_file().parent
    found: list[CustomCommand] = []
    for kind in ("commands", "skills"):
        root = home / kind
        paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.md")) if root.is_dir() else []
        for path, name in _named(kind, paths):
            try:
                content = (root / path).read_text(encoding="utf-8", errors="replace")[:MOST_CHARACTERS]
            except OSError:
                continue
            found.append(parsed(name, content, "yours"))
    return found


async def projects_commands(sandbox: Sandbox) -> list[CustomCommand]:
    """The same in `.qwright` and `.claude` of the project."""
    found: list[CustomCommand] = []
    for folder in PROJECT_FOLDERS:
        for kind in ("commands", "skills"):
            root = f"{sandbox.workdir}/{folder}/{kind}"
            try:
                if await sandbox.stat(root) is None:
                    continue
                entries, _ = await sandbox.list_dir(root, depth=_DEPTH, limit=MOST_FILES)
            except PathError:
                continue
            for path, name in _named(kind, sorted(entry.path for entry in entries if entry.kind == "file")):
                text = await _inside(sandbox, f"{root}/{path}")
                if text is not None:
                    where = f"{folder}/{kind}/{path.rpartition('/')[0]}" if kind == "skills" else ""
                    found.append(parsed(name, text, "project", where))
    return found


def _named(kind: str, paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    for path in paths:
        if kind == "commands" and path.endswith(".md"):
            yield path, name_of(path)
        elif kind == "skills" and Path(path).name == "SKILL.md":
            yield path, name_of(path.rpartition("/")[0])


async def _inside(sandbox: Sandbox, path: str) -> str | None:
    try:
        content = await sandbox.read_file(path, limit=MOST_CHARACTERS)
    except PathError:
        return None
    if not content.stat.real_path.startswith(f"{sandbox.workdir}/"):
        return None
    return content.data.decode("utf-8", "replace")
