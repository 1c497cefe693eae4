"""Which new files count, by the .gitignore rules of a tree that git itself is never run on.

The bytes of the tree's .gitignore files are copied into a directory of the store that holds nothing else, and
`git check-ignore` is asked about names there.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from sandboxes.tree.fastimport import decode_path, encode_path, fs_path, storable
from sandboxes.tree.gitcmd import GitTooSlow, run_git

_MAX_RULES = 1 << 20


class IgnoreRules:
    """The .gitignore files of one tree; `git_dir` brings the built-in list in its `info/exclude`."""

    def __init__(self, git_dir: Path, directory: Path, note: Callable[[str], None], limit_s: float = 10.0) -> None:
        self._note = note
        self._limit_s = limit_s
        self._given_up = False
        self._git_dir = git_dir
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def is_rule_file(path: str) -> bool:
        """Whether a path of the tree is a .gitignore file that git would read."""
        return path.rsplit("/", 1)[-1] == ".gitignore" and storable(path)

    def update(self, path: str, data: bytes | None) -> str | None:
        """Take over one .gitignore; None when it is gone or is no regular file. Returns a sentence if it cannot."""
        target = self._directory / fs_path(path)
        try:
            if data is None:
                target.unlink(missing_ok=True)
            elif len(data) > _MAX_RULES:
                return f"The rules in {path!r} are not used: the file has {len(data)} bytes, more than {_MAX_RULES}."
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        except OSError as error:
            return f"The rules in {path!r} are not used: {error.strerror}."
        return None

    async def ignored(self, paths: Iterable[str]) -> set[str]:
        """Those of the given paths (of files) that a rule leaves out."""
        # "./" because a name may begin like pathspec magic (":(top)"), which this command always understands.
        names = b"".join(b"./%s\0" % encode_path(path) for path in paths)
        if not names:
            return set()
        try:
            output = await self._check(names)
        except GitTooSlow:
            if self._given_up:
                raise
            # Patterns with many stars take a matcher for ever, and this tree's author may mean them to.
            self._given_up = True
            self._note(
                f"The tree's .gitignore files held git up for over {self._limit_s:g} seconds and are not used any more."
            )
            output = await self._check(names)
        return {decode_path(name[2:]) for name in output.split(b"\0")[:-1]}

    async def _check(self, names: bytes) -> bytes:
        arguments = ("check-ignore", "--no-index", "--stdin", "-z")
        place = self._directory
        if self._given_up:
            place = self._directory.with_name(self._directory.name + "-unused")
            place.mkdir(exist_ok=True)
        return await run_git(
            *arguments, git_dir=self._git_dir, work_tree=place, stdin=names, expect=(0, 1), limit_s=self._limit_s
        )
