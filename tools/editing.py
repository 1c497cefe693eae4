"""What every edit of a file shares: loading it whole, the guards, writing it back, undo, and the result's form."""

from dataclasses import dataclass

from sandboxes.errors import PathChanged, PathOutside
from sandboxes.protocol import FileStat
from tools.base import SeenFiles, ToolContext, ToolFailure, ToolResult, UndoStep, digest
from tools.diffs import changed_lines, unified
from tools.listing import size_text
from tools.paths import Place, existing_file, inside, shown
from tools.text_file import NotEncodable, NotText, TextFile, decode, displayable
from tools.viewing import WHOLE_LIMIT, binary_text

_UNDO_LEVELS = 20
_UNDO_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Loaded:
    """A text file about to be edited: whether the model has seen it, and whether it was changed since by others."""

    place: Place
    stat: FileStat
    data: bytes
    file: TextFile
    seen: bool
    changed: bool


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
        raise ToolFailure(binary_text(place, content.data, content.stat)) from None
    known = context.seen.digests.get(content.stat.real_path)
    changed = known is not None and known != digest(content.data)
    return Loaded(place, content.stat, content.data, file, known is not None, changed)


async def save(loaded: Loaded, edited: TextFile, context: ToolContext) -> FileStat:
    """Write an edited file unless it changed meanwhile, and remember how to undo it."""
    data = encoded(edited, loaded.place.path)
    stat = await write(loaded.place, loaded.stat.real_path, data, loaded.stat.version, context)
    remember(context.seen, stat, loaded.data, data)
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


def remember(seen: SeenFiles, stat: FileStat, before: bytes | None, after: bytes) -> None:
    """Note a written file as seen and the edit as undoable; old steps go beyond 20 or 64 MB a file."""
    step = UndoStep(before, seen.note(stat.real_path, after))
    steps = seen.undo.setdefault(stat.real_path, [])
    steps.append(step)
    while len(steps) > _UNDO_LEVELS or (len(steps) > 1 and sum(len(s.before or b"") for s in steps) > _UNDO_BYTES):
        del steps[0]


def edit_result(
    place: Place, before: str, after: str, context: ToolContext, text: str, verb: str = "edited"
) -> ToolResult:
    """The result of a change, with its diff and a "+3 -1" summary for people."""
    name = shown(place.path, context.sandbox.workdir)
    added, removed = changed_lines(before, after)
    return ToolResult(
        text=text,
        summary=f"{verb} {name} (+{added} -{removed})",
        changed=(name,) if inside(place.path, context.sandbox.workdir) else (),
        diff=unified(name, displayable(before), displayable(after)),
    )
