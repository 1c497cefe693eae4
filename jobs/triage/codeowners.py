"""CODEOWNERS: the last matching pattern names the owner (GitHub's rules; GitLab's sections are plain lines)."""

import re
from pathlib import Path

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_OWNER = re.compile(r"^@[\w.-]+(?:/[\w.-]+)*$|^[\w.+-]+@[\w.-]+$")
_MOST = 3 * 1024 * 1024

# More than any file of owners has in one pattern; each costs time at every path.
_MOST_STARS = 12


class CodeOwners:
    """Patterns with their owners, in the order of the file."""

    def __init__(self, text: str, *, tested: bool = False) -> None:
        self.tested = tested
        """Whether they come from the revision under test, whose author may have named them."""
        self._rules: list[tuple[re.Pattern[str], str]] = []
        for line in text.splitlines():
            words = line.partition(" #")[0].split()
            if not words or words[0].startswith(("#", "[", "^[", "!")):
                continue
            owners = [word for word in words[1:] if _OWNER.match(word)]
            self._rules.append((_pattern(words[0]), " ".join(owners)))

    def owner(self, path: str) -> str | None:
        """Owners of a path, separated by blanks, or None."""
        found = next((owner for pattern, owner in reversed(self._rules) if pattern.search(path)), "")
        return found or None

    def all(self) -> frozenset[str]:
        """Every owner that any pattern names: the allow-list of a check."""
        return frozenset(owner for _, owner in self._rules if owner)


def read_owners(repo: Path | None, trusted: Path | None = None) -> CodeOwners:
    """The owners of `trusted`, a CODEOWNERS file or a folder with one, or else those of the repository under test.

    In a folder it is the first file where GitHub and GitLab look for one; none is no owners.
    """
    if trusted is not None and trusted.is_file():
        return CodeOwners(_text(trusted))
    folder = trusted or repo
    if folder is None:
        return CodeOwners("")
    for place in PLACES:
        file = folder / place
        if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
            return CodeOwners(_text(file), tested=trusted is None)
    return CodeOwners("")


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.stat().st_size <= _MOST else ""


def _pattern(glob: str) -> re.Pattern[str]:
    anchored = "/" in glob.rstrip("/")
    # Runs of stars mean no more than two, and a pattern of many would take for ever to match.
    plain = re.sub(r"\*{3,}", "**", glob.strip("/"))
    if plain.count("*") > _MOST_STARS:
        return re.compile(r"(?!)")
    body = "".join(_piece(piece) for piece in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", plain))
    # `docs/*` owns the files of the folder, not those of folders inside.
    end = "$" if glob.endswith("/*") else "(?:/|$)"
    return re.compile(("^" if anchored or glob.startswith("/") else "(?:^|/)") + body + end)


def _piece(piece: str) -> str:
    return {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece, re.escape(piece))
