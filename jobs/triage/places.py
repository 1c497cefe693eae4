"""Paths that a log names, as paths inside the repository, or not at all."""

import os
import re
from pathlib import Path, PurePosixPath

_CI = re.compile(
    r"^(?:/home/runner/work/[^/]+/[^/]+|/__w/[^/]+/[^/]+|/builds/(?:[^/]+/)+?(?=src/|tests?/|lib/|[^/]+\.\w+$)"
    r"|/github/workspace|/workspace|/testbed|/usr/src/app|/app|/code|/var/(?:lib/jenkins|jenkins_home)/workspace/[^/]+)/?"
)
_FOREIGN = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.tox|\.nox|\.venv|\.cargo|rustlib|python3\.\d+)/|^<|^/rustc/|^node:"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|__snapshots__|spec)/|\.snap$"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*[._-](?:test|spec|tests)\.\w+|[^/]*Tests?\.(?:java|kt))$"
)
_SKIPPED = {".git", "node_modules", ".venv", "venv", ".tox", "target", "build", "dist", "__pycache__"}
_MOST_FILES = 50_000
_MOST_TEXT = 1024 * 1024


class Places:
    """Resolves names of files. Without a repository only relative paths and those below known CI folders count."""

    def __init__(self, repo: Path | None) -> None:
        self._root = repo.resolve() if repo else None
        self._by_name: dict[str, list[str]] | None = None

    def resolve(self, path: str) -> str | None:
        """The path relative to the repository, with `/`; None for absolute, foreign, climbing or unknown ones."""
        path = path.replace("\\", "/").removeprefix("file://")
        if not path or len(path) > 400 or not path.isprintable() or _FOREIGN.search(path) or "://" in path:
            return None
        if ".." in PurePosixPath(path).parts or path.startswith(("~", "-")):
            return None
        if self._root is None:
            inner = _CI.sub("", path)
            return None if inner.startswith("/") or re.match(r"[A-Za-z]:", inner) else str(PurePosixPath(inner))
        parts = [part for part in PurePosixPath(path).parts if part != "/"]
        for start in range(len(parts) if path.startswith("/") else 1):
            candidate = "/".join(parts[start:])
            if self.holds(candidate) and (len(parts) - start > 1 or not path.startswith("/")):
                return candidate
        return self._unique(path) if len(parts) == 1 and not path.startswith("/") else None

    def holds(self, relative: str) -> bool:
        """Whether the repository has this file, inside itself."""
        if self._root is None:
            return False
        try:
            real = (self._root / relative).resolve()
            inside = real.is_file() and real.is_relative_to(self._root)
        except (OSError, RuntimeError, ValueError):
            # A name too long for any file system, a loop of links, a NUL: no file is called so.
            return False
        return inside and ".git" not in PurePosixPath(relative).parts

    def _unique(self, name: str) -> str | None:
        """Go and Java name the file only: it counts where the repository has one of that name."""
        found = self._named(name)
        return found[0] if len(found) == 1 and self.holds(found[0]) else None

    def may_have(self, header: str) -> bool:
        """Whether the repository has a file of this name in any folder; without it, whether the name has no folder."""
        folder, _, name = header.rpartition("/")
        return bool(self._named(name)) if self._root else not folder

    def _named(self, name: str) -> list[str]:
        if self._root is None:
            return []
        if self._by_name is None:
            self._by_name = _names(self._root)
        return self._by_name.get(name, [])

    def read(self, path: str) -> str | None:
        """The text of a file of the repository, None for any other; at most 1 MiB."""
        if self._root is None or not self.holds(path):
            return None
        with (self._root / path).open("rb") as stream:
            return stream.read(_MOST_TEXT).decode("utf-8", "replace")

    def has_module(self, dotted: str) -> bool:
        """Whether the repository itself has the Python package or module whose import failed."""
        top = dotted.partition(".")[0]
        if self._root is None or not top.isidentifier():
            return False
        return any((self._root / base / name).exists() for base in ("", "src") for name in (top, f"{top}.py"))


def is_test(path: str) -> bool:
    """Whether a file holds tests, by its name."""
    return _TEST.search(path) is not None


def _names(root: Path) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        for file in files:
            names.setdefault(file, []).append((Path(folder) / file).relative_to(root).as_posix())
        count += len(files)
        if count > _MOST_FILES:
            break
    return names
