"""The map of a workspace: paths from its snapshots, definitions from files that are read through the sandbox."""

import asyncio
from collections.abc import Sequence

from agent import tokens
from cli.pair.mapping.drawn import drawn, rank
from cli.pair.mapping.outline import is_source, outline
from cli.place import Place
from sandboxes.errors import PathError
from tui.project.host import ProjectMap

# With a request the map goes as output of a command does, which is cut at 8,000 characters.
BUDGET_TOKENS = 1_800
_MOST_CHARACTERS = 7_800
_MOST_READ = 400
_MOST_BYTES = 200_000
# A line costs some tokens more than its parts: the count of the whole is what is told.
_CHARACTERS_PER_TOKEN = 3.5


async def project_map(place: Place, focus: str) -> ProjectMap:
    """The map of all files, or of those whose path or definitions hold `focus`."""
    wanted = focus.strip().strip("/").casefold()
    paths = list(await place.workspace.paths())
    sources = sorted((path for path in paths if is_source(path)), key=rank)
    near = [path for path in sources if wanted in path.casefold()] if wanted else sources
    names = await _names(place, (near or sources)[:_MOST_READ])
    if wanted:
        paths = [path for path in paths if wanted in path.casefold() or _holds(names.get(path, ()), wanted)]
    most = int(min(BUDGET_TOKENS * _CHARACTERS_PER_TOKEN, _MOST_CHARACTERS))
    made = await asyncio.to_thread(drawn, paths, names, most, lambda line: len(line) + 1)
    return ProjectMap(made.text, made.shown, len(paths), await asyncio.to_thread(tokens.count, made.text))


async def _names(place: Place, paths: Sequence[str]) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for path in paths:
        try:
            content = await place.sandbox.read_file(f"{place.sandbox.workdir}/{path}", limit=_MOST_BYTES)
        except PathError:
            continue
        if content.stat.real_path.startswith(f"{place.sandbox.workdir}/"):
            found[path] = await asyncio.to_thread(outline, path, content.data.decode("utf-8", "replace"))
    return found


def _holds(names: Sequence[str], word: str) -> bool:
    return any(word in name.casefold() for name in names)
