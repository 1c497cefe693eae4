"""Which new files count, by the .gitignore rules of a tree that git itself is never run on.

The bytes of the tree's .gitignore files are copied into a directory of the store that holds nothing else, and
`git check-ignore` is asked about names there.
"""

from collections.abc import Iterable
from pathlib import Path

from sandboxes.tree.fastimport import decode_path, encode_path, fs_path, storable
from sandboxes.tree.gitcmd import run_git

_MAX_RULES = 1 << 20


class IgnoreRules:
    """The .gitignore files of one tree; `git_dir` brings the built-in list in its `info/exclude`."""

    def __init__(self, git_dir: Path, directory: Path) -> None:
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
        arguments = ("check-ignore", "--no-index", "--stdin", "-z")
        output = await run_git(*arguments, git_dir=self._git_dir, work_tree=self._directory, stdin=names, expect=(0, 1))
        return {decode_path(name[2:]) for name in output.split(b"\0")[:-1]}
