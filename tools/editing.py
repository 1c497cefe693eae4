"""What every edit of a file shares: loading it whole, the guards, writing it back, undo, and the result's form."""

from collections.abc import Callable
from dataclasses import dataclass

from sandboxes.errors import PathChanged, PathOutside
from sandboxes.protocol import FileStat
from tools import magic
from tools.base import SeenFiles, ToolContext, ToolFailure, ToolResult, UndoStep
from tools.diffs import changed_lines, unified
from tools.listing import size_text
from tools.paths import Place, existing_file, shown
from tools.text_file import NotEncodable, NotText, TextFile, decode, displayable
from tools.viewing import WHOLE_LIMIT

_UNDO_LEVELS = 20
_UNDO_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Loaded:
    """A text file about to be edited. `seen` is the version that the model last saw, None if it never did."""

    place: Place
    stat: FileStat
    data: bytes
    file: TextFile
    seen: str | None

    @property
    def changed(self) -> bool:
        """Whether something else changed the file since the model last saw it."""
        return self.seen is not None and self.seen != self.stat.version


async def load(place: Place, context: ToolContext) -> Loaded:
    """Read a text file whole; raises `ToolFailure` for missing, binary and too large files."""
    stat = await existing_file(place, context)
    if stat.size > WHOLE_LIMIT:
        raise ToolFailure(
            f"{place.path} has {size_text(stat.size)}, too much for this tool to edit; use bash (sed, python)."
        )
    content = await context.sandbox.read_file(stat.real_path)
    try:
        file = decode(content.data)
    except NotText:
        kind = magic.guess(content.data[:512])
        raise ToolFailure(f"{place.path} is {kind}, not text; change it with bash and a tool for its format.") from None
    return Loaded(place, content.stat, content.data, file, context.seen.versions.get(content.stat.real_path))


async def save(loaded: Loaded, edited: TextFile, context: ToolContext) -> FileStat:
    """Write an edited file unless it changed meanwhile, and remember how to undo it."""
    data = encoded(edited, loaded.place.path)
    stat = await write(loaded.place, loaded.stat.real_path, data, loaded.stat.version, context)
    remember(context.seen, stat, UndoStep(loaded.data, stat.version))
    return stat


def encoded(file: TextFile, path: str) -> bytes:
    """The bytes of a file; raises `ToolFailure` naming the character that its encoding lacks."""
    try:
        return file.encode()
    except NotEncodable as error:
        code = f"U+{ord(error.character):04X}"
        sign = displayable(error.character)
        raise ToolFailure(
            f"{path} is encoded as {error.encoding}, which has no character {sign} ({code}); nothing was written. "
            "Write that character in another way (an escape), or convert the file first with iconv in bash."
        ) from None


async def write(place: Place, target: str, data: bytes, expect: str, context: ToolContext) -> FileStat:
    """Write bytes if the file still has the expected version; the errors of a race or a moved link become sentences."""
    try:
        stat = await context.sandbox.write_file(target, data, expect=expect, within=context.roots)
    except PathChanged:
        raise ToolFailure(
            f"{place.path} changed on disk during this edit; nothing was written. View it again, then edit."
        ) from None
    except PathOutside:
        raise ToolFailure(
            f"{place.path} leads outside the workspace {context.sandbox.workdir}; nothing was written."
        ) from None
    if stat.size != len(data):
        raise ToolFailure(
            f"{place.path} has {stat.size:,} bytes on disk but {len(data):,} were written; view it before going on."
        )
    return stat


def remember(seen: SeenFiles, stat: FileStat, step: UndoStep) -> None:
    """Note the version on disk as seen and the step as undoable; old steps go beyond 20 or 64 MB a file."""
    seen.versions[stat.real_path] = stat.version
    steps = seen.undo.setdefault(stat.real_path, [])
    steps.append(step)
    while len(steps) > _UNDO_LEVELS or (len(steps) > 1 and sum(len(s.before or b"") for s in steps) > _UNDO_BYTES):
        del steps[0]


def edit_result(
    place: Place, before: str, after: str, context: ToolContext, text: Callable[[], str] | str, verb: str = "edited"
) -> ToolResult:
    """The result of a change, with its diff and a "+3 -1" summary for people."""
    name = shown(place.path, context.sandbox.workdir)
    added, removed = changed_lines(before, after)
    return ToolResult(
        text=text if isinstance(text, str) else text(),
        summary=f"{verb} {name} (+{added} -{removed})",
        changed=(name,),
        diff=unified(name, displayable(before), displayable(after)),
    )
