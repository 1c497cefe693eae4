"""Which paths the file tools accept, and what they say about the others.

A path is absolute or relative to the workspace. It is accepted when it lies, links resolved, in one of the context's
roots; everything else is a `ToolFailure` that tells the model what to do instead.
"""

import posixpath
import re
from dataclasses import dataclass
from difflib import get_close_matches

from sandboxes.protocol import FileStat, Sandbox
from tools.base import ToolContext, ToolFailure

_VARIABLE = re.compile(r"\$\{?(HOME|PWD|OLDPWD|USER|TMPDIR|WORKDIR)\b")
_LISTED = 4_000
_SUGGESTED = 4


_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Place:
    """An accepted path: as written by the model but absolute and normal, and what stands there (None: nothing)."""

    path: str
    stat: FileStat | None

    @property
    def key(self) -> str:
        """The path with links resolved, under which the session remembers the file."""
        return self.stat.real_path if self.stat else self.path


def absolute(path: str, workdir: str) -> str:
    """The absolute, normal form of a path; raises `ToolFailure` for what only a shell understands. Pure."""
    path = path.strip()
    if len(path) > 1 and path[0] == path[-1] and path[0] in "\"'`":
        path = path[1:-1].strip()
    if not path:
        raise ToolFailure(f"The path is empty; give one that is absolute or relative to {workdir}.")
    if "\0" in path or "\n" in path:
        raise ToolFailure("The path holds a NUL byte or a line break; give one path, without them.")
    if half := _HALF.search(path):
        raise ToolFailure(f"The path holds half of a surrogate pair (U+{ord(half[0]):04X}), which is no character.")
    if len(path) > 4096:
        raise ToolFailure(f"The path has {len(path):,} characters, the limit is 4,096; it looks like text of a file.")
    if path == "~" or path.startswith("~/") or _VARIABLE.match(path):
        raise ToolFailure(
            f"{path} needs a shell to expand it; give a path that is absolute or relative to {workdir}. "
            "For places outside the workspace use bash."
        )
    return posixpath.normpath(posixpath.join(workdir, path))


def inside(path: str, root: str) -> bool:
    """Whether a normal absolute path is the root or lies below it. Pure."""
    return path == root or path.startswith(root.rstrip("/") + "/")


async def locate(path: str, context: ToolContext) -> Place:
    """Accept a path of the model; raises `ToolFailure` when it leaves the roots, by its letters or through a link."""
    sandbox = context.sandbox
    full = absolute(path, sandbox.workdir)
    if not any(inside(full, root) for root in context.roots):
        raise ToolFailure(await _outside(full, sandbox))
    stat = await sandbox.stat(full)
    nearest, real = full, stat.real_path if stat else None
    while real is None:
        nearest = posixpath.dirname(nearest)
        above = await sandbox.stat(nearest)
        real = above.real_path if above else "/" if nearest == "/" else None
    if not await _really_inside(real, context):
        raise ToolFailure(
            f"{full} is or passes through a link to {real}, outside the workspace {sandbox.workdir}; "
            "the editor does not follow it. bash can read it with cat or sed."
        )
    return Place(full, stat)


async def existing_file(place: Place, context: ToolContext) -> FileStat:
    """The stat of a regular file; raises `ToolFailure` for a missing one (naming similar ones) and for others."""
    if place.stat is None:
        raise ToolFailure(f"{place.path} does not exist.{await _suggestion(place.path, context.sandbox)}")
    if place.stat.kind == "directory":
        raise ToolFailure(f"{place.path} is a directory; this command needs a file. Use view to list it.")
    if place.stat.kind != "file":
        raise ToolFailure(f"{place.path} is not a regular file (a device, socket or pipe), so it cannot be edited.")
    return place.stat


def shown(path: str, workdir: str) -> str:
    """The path relative to the workspace where it lies in it, for lists of changes. Pure."""
    return posixpath.relpath(path, workdir) if inside(path, workdir) else path


async def _outside(full: str, sandbox: Sandbox) -> str:
    text = f"{full} is outside the workspace {sandbox.workdir}, where this tool works."
    inner = posixpath.join(sandbox.workdir, full.lstrip("/"))
    if full != "/" and await sandbox.stat(inner) is not None:
        return f"{text} Did you mean {inner}?"
    return f"{text} bash can read other places (cat, sed, ls)."


async def _really_inside(real: str, context: ToolContext) -> bool:
    for root in context.roots:
        if inside(real, root):
            return True
        stat = await context.sandbox.stat(root)
        if stat is not None and inside(real, stat.real_path):
            return True
    return False


async def _suggestion(path: str, sandbox: Sandbox) -> str:
    """Existing paths with a similar name beside the missing one, then the same name elsewhere in the workspace."""
    missing: str = path
    while (above := await sandbox.stat(posixpath.dirname(missing))) is None and missing != "/":
        missing = posixpath.dirname(missing)
    folder, name = posixpath.dirname(missing), posixpath.basename(missing)
    found: list[str] = []
    if above is not None and above.kind == "directory":
        entries, _ = await sandbox.list_dir(folder, depth=1, limit=_LISTED)
        names = get_close_matches(name, [entry.path for entry in entries], n=3, cutoff=0.6)
        found += [posixpath.join(folder, name) for name in names]
    base = posixpath.basename(path)
    entries, _ = await sandbox.list_dir(sandbox.workdir, depth=5, limit=_LISTED)
    elsewhere = [posixpath.join(sandbox.workdir, e.path) for e in entries if posixpath.basename(e.path) == base]
    found += [other for other in elsewhere if other not in found]
    return f" Did you mean {' or '.join(found[:_SUGGESTED])}?" if found else " Use view on its directory, or search."
