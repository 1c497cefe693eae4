"""The editor's `create`, `insert` and `undo_edit`."""

from tools.base import ToolContext, ToolFailure, ToolResult, digest
from tools.editing import edit_result, encoded, load, remember, save, write
from tools.listing import count_text, lines_of, snippet
from tools.output import clip_line
from tools.paths import Place, existing_file
from tools.text_file import NotText, TextFile, decode, displayable, normalise_ends


async def create(place: Place, file_text: str | None, context: ToolContext) -> ToolResult:
    """Write a new file, read it back, and say what landed."""
    if file_text is None:
        raise ToolFailure(f"create needs file_text, the whole text of {place.path}; nothing was written.")
    if place.stat is not None and place.stat.kind == "directory":
        raise ToolFailure(f"{place.path} is a directory; give the path of a file in it.")
    if place.stat is not None and (place.stat.kind != "file" or place.stat.size > 0):
        raise ToolFailure(
            f"{place.path} exists already; nothing was written. Change it with str_replace or insert, "
            "or, to write it anew, remove it first with bash (rm)."
        )
    ended = "" if file_text.endswith("\n") or not file_text else "\n"
    data = encoded(TextFile(file_text + ended, ("\n",) * (file_text + ended).count("\n")), place.path)
    expect = place.stat.version if place.stat else ""
    before = b"" if place.stat else None
    stat = await write(place, place.key, data, expect, context)
    landed = await context.sandbox.read_file(stat.real_path)
    if landed.data != data:
        raise ToolFailure(
            f"{place.path} was written, but {len(landed.data):,} bytes read back differ from the {len(data):,} sent; "
            "view it before going on."
        )
    remember(context.seen, stat, before, data)
    lines = lines_of(file_text)
    text = f"Created {place.path}: {count_text(len(lines), 'line')}, {count_text(len(data), 'byte')}"
    text += f", the last line is: {displayable(clip_line(lines[-1], 200))}" if lines else " (empty file)."
    return edit_result(place, "", file_text + ended, context, text, "created")


async def insert(place: Place, insert_line: int | None, new: str | None, context: ToolContext) -> ToolResult:
    """Insert whole lines after line `insert_line` (0: at the beginning)."""
    if insert_line is None:
        raise ToolFailure("insert needs insert_line, the line after which new_str goes (0: at the beginning).")
    if not new:
        raise ToolFailure("insert needs new_str, the lines to insert; it is empty.")
    loaded = await load(place, context)
    if not loaded.seen:
        raise ToolFailure(f"View {place.path} first: insert goes by line numbers, and you have not seen them.")
    if loaded.changed:
        raise ToolFailure(
            f"{place.path} has changed on disk since you last saw it, so its line numbers may have moved; "
            "nothing was changed. View it again."
        )
    text = loaded.file.text
    lines = lines_of(text)
    if not 0 <= insert_line <= len(lines):
        raise ToolFailure(
            f"insert_line {insert_line} is not in {place.path}, which has {count_text(len(lines), 'line')}; "
            f"give 0 to {len(lines)}."
        )
    added = normalise_ends(new).removesuffix("\n")
    at = sum(len(line) + 1 for line in lines[:insert_line])
    if at > len(text):
        edited = loaded.file.splice(len(text), len(text), "\n" + added)
    else:
        edited = loaded.file.splice(at, at, added + "\n")
    await save(loaded, edited, context)
    first, last = insert_line + 1, insert_line + added.count("\n") + 1
    where = f"line {first}" if first == last else f"lines {first}-{last}"
    said = f"Inserted {count_text(last - first + 1, 'line')} into {place.path} as {where}:\n"
    return edit_result(place, text, edited.text, context, said + snippet(edited.text, first, last))


async def undo_edit(place: Place, context: ToolContext) -> ToolResult:
    """Put back what the editor's last change of the file replaced; a created file is deleted."""
    steps = context.seen.undo.get(place.key, [])
    if not steps:
        raise ToolFailure(f"There is no edit of {place.path} by this tool to undo.")
    stat = await existing_file(place, context)
    step = steps[-1]
    now = await context.sandbox.read_file(stat.real_path)
    if digest(now.data) != step.after:
        raise ToolFailure(
            f"{place.path} was changed by something else after that edit, and undoing would lose the change; "
            "nothing was done. Use str_replace, or git in bash."
        )
    if step.before is None:
        await context.sandbox.delete_file(stat.real_path, within=context.roots)
        context.seen.digests.pop(stat.real_path, None)
        steps.pop()
        return edit_result(
            place, _text(now.data), "", context, f"Undone: {place.path}, which create had made, is deleted.", "deleted"
        )
    await write(place, stat.real_path, step.before, now.stat.version, context)
    context.seen.note(stat.real_path, step.before)
    steps.pop()
    left = f"; {count_text(len(steps), 'earlier edit')} can be undone too" if steps else ""
    said = f"Undone: {place.path} is as it was before the last edit{left}."
    return edit_result(place, _text(now.data), _text(step.before), context, said, "restored")


def _text(data: bytes) -> str:
    try:
        return decode(data).text
    except NotText:
        return ""
