"""The editor's `str_replace`: exact and unique, else one announced whitespace-only match, else what came close."""

from tools.base import ToolContext, ToolFailure, ToolResult
from tools.editing import Loaded, edit_result, load, save
from tools.listing import count_text, lines_of, numbered, snippet
from tools.matching import MOST_HITS, Relaxed, exact_hits, line_number, relaxed_hits, relaxed_match
from tools.nearest import hint, nearest
from tools.paths import Place
from tools.text_file import normalise_ends

_SHOWN_NEAR = 30
_NAMED_LINES = 10
_TELLING = 12


async def str_replace(place: Place, old: str | None, new: str | None, context: ToolContext) -> ToolResult:
    """Replace the only occurrence of `old` in a file by `new`."""
    if not old:
        raise ToolFailure(
            "old_str is empty; quote the text to replace. To add text use insert, to write a new file use create."
        )
    loaded = await load(place, context)
    old, new = normalise_ends(old), normalise_ends(new or "")
    if old == new:
        raise ToolFailure(f"old_str and new_str are the same, so {place.path} was left as it is.")
    match, note = _find(loaded, old, new)
    edited = loaded.file.splice(match.start, match.end, match.new)
    stat = await save(loaded, edited, context)
    first = line_number(edited.text, match.start)
    last = first + match.new.removesuffix("\n").count("\n")
    text = f"Edited {place.path}{note}. It now has {count_text(len(lines_of(edited.text)), 'line')}:\n"
    if stat.size == 0:
        text = f"Edited {place.path}{note}. It is empty now."
    return edit_result(place, loaded.file.text, edited.text, context, text + snippet(edited.text, first, last))


def _find(loaded: Loaded, old: str, new: str) -> tuple[Relaxed, str]:
    """Where to edit and what to say about it; raises `ToolFailure` when there is no place or more than one."""
    text = loaded.file.text
    hits = exact_hits(text, old)
    if len(hits) == 1:
        note = " (it had changed on disk since you last saw it; old_str still stood there)" if loaded.changed else ""
        return Relaxed(hits[0], hits[0] + len(old), new), note
    if hits:
        times = f"{len(hits)} times" if len(hits) < MOST_HITS else f"{MOST_HITS} times or more"
        raise ToolFailure(
            f"old_str stands {times} in {loaded.place.path}, at lines {_places(text, hits)}; "
            "nothing was changed. Quote more lines around the one you mean."
        )
    if loaded.seen and not loaded.changed:
        relaxed = relaxed_match(text, old, new)
        if relaxed is not None:
            note = (
                " (old_str differed in indentation or trailing whitespace; the only such place was taken, and new_str"
                " indented as the file is: check the lines below)"
            )
            return relaxed, note
    raise ToolFailure(_not_found(loaded, old, new))


def _places(text: str, hits: list[int]) -> str:
    numbers = list(dict.fromkeys(line_number(text, hit) for hit in hits[: _NAMED_LINES + 1]))
    named = ", ".join(map(str, numbers[:_NAMED_LINES]))
    return named + (" and more" if len(hits) > _NAMED_LINES else "")


def _not_found(loaded: Loaded, old: str, new: str) -> str:
    """Everything useful about a quotation that is not in the file."""
    path, text = loaded.place.path, loaded.file.text
    lines = lines_of(text)
    said = [f"old_str is not in {path}; nothing was changed."]
    if loaded.changed:
        said[0] = f"{path} has changed on disk since you last saw it, and old_str is not in it; nothing was changed."
    if len(new.strip()) >= _TELLING and (done := exact_hits(text, new)):
        said.append(f"new_str already stands at line {line_number(text, done[0])}, so this edit may be done already.")
    if explained := hint(text, old):
        said.append(explained)
    loose = relaxed_hits(lines, old.removesuffix("\n").split("\n"))
    if len(loose) > 1:
        said.append(f"But for whitespace it would match at lines {loose[0] + 1} and {loose[1] + 1}; quote more lines.")
    near = nearest(lines, old)
    if near is None:
        said.append("No lines are similar. View the file and quote its lines exactly.")
        return " ".join(said)
    stop = min(near.last, near.first + _SHOWN_NEAR - 1)
    left = f"\n[… to line {near.last}]" if stop < near.last else ""
    said.append(f"The most similar lines are these. {near.difference}")
    if loaded.changed:
        said.append("View the file again before editing.")
    return " ".join(said) + "\n" + "\n".join(numbered(lines[near.first - 1 : stop], near.first, 500)) + left
