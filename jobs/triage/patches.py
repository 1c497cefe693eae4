"""What a patch touches: a strict reader of the plain text patches that git writes, which refuses every other form.

A form that this reader let pass and `git apply` understood otherwise could change a file that it does not name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@(?: .*)?")
_INDEX = re.compile(r"index [0-9a-f]{4,64}\.\.[0-9a-f]{4,64}(?: 100(?:644|755))?")
_MODE = re.compile(r"(new file mode|deleted file mode|old mode|new mode) 100(?:644|755)")
_NO_NEWLINE = "\\ No newline at end of file"
_HEAD = "diff --git "
_SIZES = {" ": (1, 1), "-": (1, 0), "+": (0, 1)}

DECIDES_TESTS = re.compile(
    r"(?:^|/)(?:conftest\.py|pytest\.ini|tox\.ini|noxfile\.py|(?:site|user)customize\.py|[^/]*\.pth|\.coveragerc"
    r"|pyproject\.toml|setup\.cfg|pytest\.toml|\.pytest\.(?:ini|toml)|tox\.toml|package\.json|vitest\.workspace\.\w+"
    r"|\.?babelrc(?:\.\w+)?|\.mocharc|Cargo\.toml|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|CMakeLists\.txt"
    r"|(?:GNU)?makefile|justfile|Taskfile\.ya?ml"
    r"|Jenkinsfile|\.gitlab-ci\.ya?ml|\.travis\.ya?ml|appveyor\.ya?ml|azure-pipelines[^/]*\.ya?ml"
    r"|bitbucket-pipelines\.ya?ml|\.drone\.ya?ml|cloudbuild\.ya?ml|action\.ya?ml|\.pre-commit-(?:config|hooks)\.yaml|lefthook\.ya?ml"
    r"|renovate\.json5?|(?:jest|vitest|vite|playwright|karma|babel)\.(?:config|setup)\.\w+|\.mocharc\.\w+|\.envrc|\.npmrc|\.pypirc|pip\.conf"
    r"|CODEOWNERS|AGENTS\.md|CLAUDE\.md|GEMINI\.md|QWEN\.md|\.cursorrules|\.mcp\.json)$"
    r"|(?:^|/)\.git[^/]*(?:/|$)|(?:^|/)\.(?:gitlab|circleci|buildkite|woodpecker|husky|cargo|config|devcontainer|vscode|idea"
    r"|claude|cursor|qwen|yarn|bundle)/|^\.qwright",
    re.IGNORECASE,
)
"""What decides which tests run, what the CI does with them, or what people's programs run when they open the tree: no
repair of code touches it."""


class PatchError(ValueError):
    """The patch has a form that is not read; the message says which, in words of ours and a line of the patch."""


@dataclass(slots=True)
class _Lines:
    rows: list[str]
    at: int = 0

    @property
    def here(self) -> str | None:
        return self.rows[self.at] if self.at < len(self.rows) else None

    def take(self) -> str:
        row = self.here
        if row is None:
            raise PatchError("it ends in the middle")
        self.at += 1
        return row


def patched_paths(diff: str) -> list[str]:
    """The paths that a patch changes, in order.

    Read are files changed, made or deleted as text, with plain names. Raises `PatchError` for everything else: binary
    files, links, submodules, renames, copies, quoted names, names that leave the repository, a second part for one
    file, hunks whose counts are wrong, text outside of hunks.
    """
    # Only a line feed ends a line for git; `splitlines` knows eight more.
    lines = _Lines(diff.removesuffix("\n").split("\n"))
    paths = list(_files(lines))
    if len(set(paths)) != len(paths):
        raise PatchError("it has two parts for one file")
    return paths


def _files(lines: _Lines) -> Iterator[str]:
    while lines.here is not None:
        path = _named(lines.take())
        new, gone, mode = _extended(lines)
        if (lines.here or "").startswith("--- "):
            _expect(lines, "--- ", "/dev/null" if new else f"a/{path}")
            _expect(lines, "+++ ", "/dev/null" if gone else f"b/{path}")
            _hunks(lines)
        elif not (new or gone or mode):
            raise PatchError(f"it changes nothing in {path!r}")
        yield path


def _named(row: str) -> str:
    """The path of `diff --git a/PATH b/PATH`: both halves say the same."""
    if not row.startswith(_HEAD):
        raise PatchError(f"{row[:100]!r} is no line of a patch there")
    names = row.removeprefix(_HEAD)
    length = (len(names) - len("a/ b/")) // 2
    path = names[2 : 2 + length]
    if length < 1 or names != f"a/{path} b/{path}":
        raise PatchError(f"{row[:100]!r} has a quoted name, or two")
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in path or '"' in path or not path.isprintable():
        raise PatchError(f"{path[:100]!r} is no plain path inside the repository")
    return path


def _extended(lines: _Lines) -> tuple[bool, bool, bool]:
    """The lines between a file's name and its text: whether it is new, deleted, of another mode."""
    seen: list[str] = []
    while (row := lines.here) is not None and not row.startswith(("--- ", _HEAD)):
        found = _MODE.fullmatch(row)
        if found is None and not _INDEX.fullmatch(row):
            raise PatchError(f"{row[:100]!r} is no line of a text file's patch")
        seen.append(found[1] if found else "index")
        lines.take()
    if len(set(seen)) != len(seen) or ("old mode" in seen) != ("new mode" in seen):
        raise PatchError("a file's part says one thing twice or half")
    new, gone, mode = "new file mode" in seen, "deleted file mode" in seen, "new mode" in seen
    if new + gone + mode > 1:
        raise PatchError("a file's part says that it is made, deleted or changed in one")
    return new, gone, mode


def _expect(lines: _Lines, mark: str, name: str) -> None:
    # Behind a name with a blank git writes a tab.
    if lines.take() not in (mark + name, f"{mark}{name}\t"):
        raise PatchError(f"a line {mark.strip()!r} names another file than its head")


def _hunks(lines: _Lines) -> None:
    if not (lines.here or "").startswith("@@ "):
        raise PatchError("a file's part has no hunk")
    while (lines.here or "").startswith("@@ "):
        found = _HUNK.fullmatch(lines.take())
        if found is None:
            raise PatchError("the head of a hunk cannot be read")
        old, new = (1 if count is None else int(count) for count in found.groups())
        while old > 0 or new > 0:
            row = lines.take()
            if row == _NO_NEWLINE:
                continue
            sizes = _SIZES.get(row[:1])
            if sizes is None:
                raise PatchError(f"{row[:100]!r} is no line of a hunk")
            old, new = old - sizes[0], new - sizes[1]
        if old < 0 or new < 0:
            raise PatchError("a hunk has other lines than its head says")
        if lines.here == _NO_NEWLINE:
            lines.take()
