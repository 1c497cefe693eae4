"""Search of file contents: ripgrep where it is installed, else grep over what git lists, else grep over the tree."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from sandboxes.protocol import CommandResult
from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolFailure, ToolResult, TypedTool
from tools.listing import count_text
from tools.output import clean
from tools.paths import locate, shown
from tools.search_script import Query, script
from tools.text_file import displayable

DEFAULT_RESULTS = 100
MOST_RESULTS = 1_000
_MOST_CONTEXT = 20
_LINE_CHARACTERS = 300
_TIMEOUT_S = 60
_ROW = re.compile(r"(?P<path>[^\x01]+)\x01(?P<line>\d+)(?P<mark>[:-])(?P<text>.*)", re.DOTALL)


class SearchArguments(Arguments):
    """Arguments of `search`."""

    pattern: edges.Text = Field(description="Regular expression, matched within lines.")
    path: edges.OptionalWord = Field(default=None, description="File or directory; default: the workspace.")
    glob: edges.OptionalWord = Field(default=None, description='Only files like this, e.g. "*.py" or "src/**/*.ts".')
    case: Annotated[Literal["smart", "sensitive", "insensitive"] | None, edges.forgiving] = Field(
        default=None, description="Default smart: case counts if the pattern has a capital."
    )
    context: edges.OptionalWhole = Field(default=None, description="Lines to show around each match; default 0.")
    max_results: edges.OptionalWhole = Field(default=None, description="Default 100.")


@dataclass(frozen=True, slots=True)
class Found:
    """What the script reported: the engine, its status, and the rows it printed."""

    engine: str
    status: int
    matches: int
    kept_in: str
    rows: list[str]


class Search(TypedTool[SearchArguments]):
    """Search file contents in the workspace."""

    name = "search"
    arguments = SearchArguments

    def effect_of(self, arguments: SearchArguments) -> Effect:
        """Searching reads."""
        del arguments
        return "read"

    async def do(self, arguments: SearchArguments, context: ToolContext) -> ToolResult:
        """Run the search and group its matches by file."""
        _check(arguments)
        workdir = context.sandbox.workdir
        place = await locate(arguments.path or ".", context)
        if place.stat is None:
            raise ToolFailure(f"{place.path} does not exist; path is a file or directory of the workspace.")
        most = min(arguments.max_results or DEFAULT_RESULTS, MOST_RESULTS)
        around = arguments.context or 0
        path = shown(place.path, workdir)
        query = Query(arguments.pattern, path, arguments.glob or "", case_counts(arguments), around, most)
        command = script(query, workdir=workdir, scratch=context.sandbox.scratch)
        result = await context.sandbox.run(command, timeout_s=_TIMEOUT_S)
        if result.timed_out:
            raise ToolFailure(f"The search took longer than {_TIMEOUT_S} s; narrow it with path or glob.")
        found = parse(await _all_of(result, context))
        failed = found.engine == "none" or (found.status > 1 and any(row.strip() for row in found.rows))
        if failed and not found.matches:
            raise ToolFailure(_failure(found, arguments.pattern))
        if not found.matches:
            return ToolResult(_nothing(arguments, place.path, found.engine), f"search {arguments.pattern}: no match")
        text, count = render(found, most, around)
        return ToolResult(text, f"search {arguments.pattern}: {count}")


def case_counts(arguments: SearchArguments) -> bool:
    """Whether upper and lower case differ: as asked, or (smart) when the pattern has a capital outside an escape."""
    if arguments.case in (None, "smart"):
        return any(character.isupper() for character in re.sub(r"\\.", "", arguments.pattern))
    return arguments.case == "sensitive"


def parse(output: str) -> Found:
    """Take the script's output apart. Pure."""
    head, _, body = output.partition("\n")
    parts = head.split(" ", 3)
    if len(parts) < 4 or not (parts[1].isdigit() and parts[2].isdigit()):
        return Found("none", 2, 0, "", [])
    return Found(parts[0], int(parts[1]), int(parts[2]), parts[3], body.split("\n"))


def render(found: Found, most: int, around: int) -> tuple[str, str]:
    """Matches grouped by file with line numbers, and a short count of them; `around` is the context asked for. Pure."""
    lines: list[str] = []
    matches, files, current, cut, previous = 0, 0, "", 0, 0
    for row in found.rows:
        parts = _ROW.fullmatch(row)
        if parts is None:
            continue
        if parts["mark"] == ":" and matches == most:
            break
        path, number = parts["path"].removeprefix("./"), int(parts["line"])
        if matches == most and (path != current or number > previous + 1):
            break
        if path != current:
            lines.append(path)
            current, files, previous = path, files + 1, number - 1
        elif number > previous + 1 and around:
            lines.append("  --")
        previous = number
        matches += parts["mark"] == ":"
        text = displayable(parts["text"].rstrip("\r"))
        if len(text) > _LINE_CHARACTERS:
            text, cut = text[:_LINE_CHARACTERS] + "…", cut + 1
        lines.append(f"  {number}{parts['mark']} {text}")
    count = f"{count_text(found.matches, 'match')}"
    if found.matches > matches:
        title = f"{count}, the first {matches} in {count_text(files, 'file')}:"
        more = count_text(found.matches - matches, "more match")
        lines.append(f"[… {more} left out; all of them are in {found.kept_in}]")
    else:
        title = f"{count} in {count_text(files, 'file')}:"
    if cut:
        lines.append(f"[{count_text(cut, 'line')} longer than {_LINE_CHARACTERS} characters cut, marked …]")
    return "\n".join([title, *lines]), f"{count} in {count_text(files, 'file')}"


def _check(arguments: SearchArguments) -> None:
    if not arguments.pattern:
        raise ToolFailure("pattern is empty; give a regular expression.")
    if "\n" in arguments.pattern or "\0" in arguments.pattern or "\r" in arguments.pattern:
        raise ToolFailure("pattern holds a line break or a NUL byte; it is matched within one line at a time.")
    if arguments.context is not None and not 0 <= arguments.context <= _MOST_CONTEXT:
        raise ToolFailure(f"context is {arguments.context}; it counts lines around a match, 0 to {_MOST_CONTEXT}.")
    if arguments.max_results is not None and not 1 <= arguments.max_results <= MOST_RESULTS:
        raise ToolFailure(f"max_results is {arguments.max_results}; it is 1 to {MOST_RESULTS}.")


async def _all_of(result: CommandResult, context: ToolContext) -> str:
    data = result.head + result.tail
    if result.output_path is not None:
        data = (await context.sandbox.read_file(result.output_path, limit=8 * 1024 * 1024)).data
    # \x01 separates the fields of a row, and `clean` would drop it with the other control characters.
    return "\x01".join(clean(part) for part in data.split(b"\x01"))


def _failure(found: Found, pattern: str) -> str:
    if found.engine == "none":
        return "Neither ripgrep nor a grep with --null is installed here; search with bash (grep -rn)."
    said = " ".join(line.strip() for line in found.rows if line.strip())[:600]
    said = re.sub(r"^(rg|grep|xargs): ", "", said)
    return f"The search for {pattern!r} failed: {said or 'no reason was given'}. Escape special characters, or mend it."


def _nothing(arguments: SearchArguments, path: str, engine: str) -> str:
    where = path + (f", files like {arguments.glob}" if arguments.glob else "")
    ignored = "" if engine == "grep" else " (files that git ignores were not searched)"
    return f"No match for {arguments.pattern!r} in {where}{ignored}."
