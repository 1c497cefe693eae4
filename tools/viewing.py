"""The editor's `view`: files as numbered lines, directories as a listing, binary files described."""

from dataclasses import dataclass

from sandboxes.protocol import FileStat
from tools import magic
from tools.base import PictureFile, ToolContext, ToolFailure, ToolResult
from tools.listing import count_text, lines_of, numbered, size_text
from tools.paths import Place, existing_file, shown
from tools.text_file import NotText, decode, is_binary

WHOLE_LIMIT = 32 * 1024 * 1024
_MOST_LINES = 1_000
_MOST_CHARACTERS = 40_000
_MOST_ENTRIES = 400
_CHUNK = 4 * 1024 * 1024
_SCAN_LIMIT = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A run of lines of a file: its first line number, and the file's number of lines where it is known."""

    lines: list[str]
    first: int
    total: int | None


async def view(place: Place, view_range: tuple[int, int] | None, context: ToolContext) -> ToolResult:
    """Show a file or directory, and remember the file as seen."""
    if place.stat is not None and place.stat.kind == "directory":
        if view_range is not None:
            raise ToolFailure(f"{place.path} is a directory; view_range is for files. Leave it out to list it.")
        return await _view_directory(place, context)
    stat = await existing_file(place, context)
    if stat.size > WHOLE_LIMIT:
        page = await _huge_page(place, stat, view_range, context)
    else:
        content = await context.sandbox.read_file(stat.real_path)
        stat = content.stat
        try:
            text = decode(content.data).text
        except NotText:
            return _view_binary(place, content.data, stat, context)
        page = _page(place, lines_of(text), view_range)
        context.seen.note(stat.real_path, content.data)
    return _render(place, page, stat, view_range, context)


def _page(place: Place, lines: list[str], view_range: tuple[int, int] | None) -> Page:
    first, last = _checked(view_range, len(lines), place)
    return Page(lines[first - 1 : last], first, len(lines))


def _checked(view_range: tuple[int, int] | None, total: int | None, place: Place) -> tuple[int, int]:
    """First and last line to show; raises `ToolFailure` for a range that is not in the file."""
    first, last = view_range or (1, -1)
    first = max(first, 1) if first >= 0 else first
    if first < 0 or (last < first and last != -1):
        raise ToolFailure(f'view_range "[{first}, {last}]" is no range: give "[first, last]" with last >= first or -1.')
    if total is not None:
        if first > max(total, 1):
            raise ToolFailure(f"{place.path} has {count_text(total, 'line')}; view_range begins at {first}.")
        last = total if last == -1 else min(last, total)
    return first, last


def _render(
    place: Place, page: Page, stat: FileStat, view_range: tuple[int, int] | None, context: ToolContext
) -> ToolResult:
    name = shown(place.path, context.sandbox.workdir)
    if stat.size == 0:
        return ToolResult(f"{place.path} is empty (0 bytes).", f"{name}: empty")
    most = _MOST_LINES if view_range is None else len(page.lines)
    kept: list[str] = []
    room = _MOST_CHARACTERS
    for line in numbered(page.lines[:most], page.first):
        room -= len(line) + 1
        if room < 0 and kept:
            break
        kept.append(line)
    last = page.first + len(kept) - 1
    of = f" of {page.total:,}" if page.total is not None else f" of a file of {size_text(stat.size)}"
    parts = [f"{place.path}, lines {page.first}-{last}{of}:", *kept]
    wanted_last = page.first + len(page.lines) - 1
    if last < wanted_last or page.total is None:
        until = f"lines {last + 1}-{wanted_last}" if page.total is not None else f"what follows line {last}"
        parts.append(f'[… {until} left out; view_range "[{last + 1}, {last + _MOST_LINES}]" shows more]')
    return ToolResult("\n".join(parts), f"{name}, lines {page.first}-{last}{of}")


async def _huge_page(place: Place, stat: FileStat, view_range: tuple[int, int] | None, context: ToolContext) -> Page:
    """Lines of a file too large to load: skipped chunk by chunk, then one buffer read."""
    first, last = _checked(view_range, None, place)
    start = await _line_offset(place, stat, first, context)
    content = await context.sandbox.read_file(stat.real_path, offset=start, limit=_MOST_CHARACTERS * 4)
    if start == 0 and is_binary(content.data):
        raise ToolFailure(binary_text(place, content.data, stat))
    lines = lines_of(content.data.decode("utf-8", "replace").replace("\r\n", "\n"))
    if len(lines) > 1 and start + len(content.data) < stat.size:
        lines.pop()
    wanted = lines if last == -1 else lines[: last - first + 1]
    return Page(wanted, first, None)


async def _line_offset(place: Place, stat: FileStat, line: int, context: ToolContext) -> int:
    """Byte offset of a 1-based line; raises `ToolFailure` beyond the end or beyond the first 512 MB."""
    at, offset = 1, 0
    while at < line:
        if offset >= _SCAN_LIMIT:
            raise ToolFailure(
                f"Line {line} of {place.path} ({size_text(stat.size)}) is too far in to page to; "
                f"use bash: tail -n +{line} FILE | head -n 100."
            )
        data = (await context.sandbox.read_file(stat.real_path, offset=offset, limit=_CHUNK)).data
        if not data:
            raise ToolFailure(f"{place.path} has {count_text(at, 'line')}; view_range begins at {line}.")
        newlines = data.count(b"\n")
        if at + newlines < line:
            at += newlines
            offset += len(data)
            continue
        position = -1
        for _ in range(line - at):
            position = data.index(b"\n", position + 1)
        return offset + position + 1
    return offset


async def _view_directory(place: Place, context: ToolContext) -> ToolResult:
    entries, total = await context.sandbox.list_dir(place.path, depth=2, limit=_MOST_ENTRIES)
    name = shown(place.path, context.sandbox.workdir)
    if not entries:
        return ToolResult(f"{place.path} is an empty directory (hidden entries are not listed).", f"{name}: empty")
    marks = {"directory": "/", "symlink": "@", "file": "", "other": "?"}
    lines = [f"{place.path}, two levels, hidden entries not listed:"]
    lines += [f"{entry.path}{marks[entry.kind]}" for entry in entries]
    if total > len(entries):
        lines.append(f"[… {total - len(entries):,} more entries left out; view a subdirectory, or use bash find]")
    return ToolResult("\n".join(lines), f"{name}: {total:,} entries")


def _view_binary(place: Place, data: bytes, stat: FileStat, context: ToolContext) -> ToolResult:
    if not magic.is_picture(data):
        return ToolResult(binary_text(place, data, stat), f"{place.path}: binary")
    name = shown(place.path, context.sandbox.workdir)
    what = f"{magic.guess(data[:512])}, {size_text(stat.size)}"
    text = f"{place.path} is {what}; it is not edited as text. Use bash with a tool for its format."
    return ToolResult(text, f"{name}: {what}", pictures=(PictureFile(name, data),))


def binary_text(place: Place, head: bytes, stat: FileStat) -> str:
    """What a binary file is, said instead of its content."""
    return (
        f"{place.path} is {magic.guess(head[:512])}, {size_text(stat.size)}; it is not shown and not edited as text. "
        "Use bash with a tool for its format."
    )
