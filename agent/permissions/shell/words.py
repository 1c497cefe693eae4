"""One word of a shell line: quotes, escapes and expansions. Substitutions are handed to the parser that reads them."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

BLANKS = " \t"
ENDS = " \t\n;|&()<>"
_PLAIN_PARAMETER = re.compile(
    r"[#!]?\w+|[@*#?$!-]|#?\w+\[[\w@*]+\]|\w+(?::?[-+=?]|##?|%%?|//?|:|\^\^?|,,?)[\w./ :*?-]*", re.ASCII
)
_ARITHMETIC = re.compile(r"[\w\s+\-*/%<>=!&|^~?:,()$.]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*|\d|[@*#?$!-]", re.ASCII)
_BRACES = re.compile(r"\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")


class Unparsed(Exception):
    """The line holds what this parser does not know for certain; the message names it."""


@dataclass(frozen=True, slots=True)
class Word:
    """`text` is the word without quotes; where only the shell can tell (`dynamic`), its source."""

    text: str
    source: str
    dynamic: bool = False
    glob: bool = False

    @property
    def shown(self) -> str:
        """The word in one spelling: what is the same to the shell is the same here."""
        return self.source if self.dynamic or self.glob else shlex.quote(self.text)

    @property
    def bare(self) -> bool:
        """Whether it stands without quotes, as reserved words must."""
        return self.text == self.source and not self.dynamic


class WordReader:
    """Reads words from `text`. `substitution` gets the source of each command that the shell would run for a word."""

    def __init__(self, text: str, substitution: Callable[[str], None]) -> None:
        self.text = text
        self.at = 0
        self._substitution = substitution
        self._out: list[str] = []
        self._dynamic = self._glob = False

    def peek(self, length: int = 1) -> str:
        """The next characters, "" at the end."""
        return self.text[self.at : self.at + length]

    def word(self) -> Word:
        """The word that begins here."""
        start, self._out, self._dynamic, self._glob = self.at, [], False, False
        while self.at < len(self.text) and self.peek() not in ENDS:
            self._piece()
        source = self.text[start : self.at]
        if _BRACES.search(source):
            self._dynamic = True
        text = source if self._dynamic else "".join(self._out)
        # A bracket alone is the program `[`: without its counterpart it is no pattern.
        return Word(text, source, self._dynamic, self._glob and source != "[")

    def _piece(self) -> None:
        char = self.peek()
        match char:
            case "\\":
                if self.at + 1 >= len(self.text):
                    raise Unparsed("a backslash at the end")
                if self.peek(2) != "\\\n":
                    self._out.append(self.text[self.at + 1])
                self.at += 2
            case "'":
                self._out.append(self._until("'"))
            case '"':
                self._double()
            case "$":
                self._dollar(quoted=False)
            case "`":
                self._backticks()
            case _:
                self._glob = self._glob or char in "*?["
                self._out.append(char)
                self.at += 1

    def _until(self, end: str) -> str:
        stop = self.text.find(end, self.at + 1)
        if stop < 0:
            raise Unparsed(f"a {end} without its end")
        inner = self.text[self.at + 1 : stop]
        self.at = stop + 1
        return inner

    def _double(self) -> None:
        self.at += 1
        while (char := self.peek()) != '"':
            if not char:
                raise Unparsed('a " without its end')
            if char == "\\" and self.peek(2)[1:] in ("$", "`", '"', "\\", "\n"):
                self._out.append("" if self.peek(2) == "\\\n" else self.peek(2)[1:])
                self.at += 2
            elif char == "$":
                self._dollar(quoted=True)
            elif char == "`":
                self._backticks()
            else:
                self._out.append(char)
                self.at += 1
        self.at += 1

    def _dollar(self, *, quoted: bool) -> None:
        """An expansion, or a dollar sign that stands for itself."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "(":
            self._dynamic = True
            self.at += 1
            self._parenthesis()
        elif following == "{":
            self._dynamic = True
            self._parameter()
        elif following == "'" and not quoted:
            self._dynamic = True
            self._ansi_quoted()
        elif following == '"' and not quoted:
            self.at += 1
        elif following == "[":
            raise Unparsed("old arithmetic $[")
        elif name := _NAME.match(self.text, self.at + 1):
            self._dynamic = True
            self.at = name.end()
        else:
            self._out.append("$")
            self.at += 1

    def _ansi_quoted(self) -> None:
        self.at += 2
        while self.peek() != "'":
            if not self.peek():
                raise Unparsed("a $' without its end")
            self.at += 2 if self.peek() == "\\" else 1
        self.at += 1

    def _parameter(self) -> None:
        stop = self.text.find("}", self.at)
        inner = self.text[self.at + 2 : stop] if stop >= 0 else ""
        if stop < 0 or not _PLAIN_PARAMETER.fullmatch(inner):
            raise Unparsed(f"the expansion {self.text[self.at : self.at + 30]}")
        self.at = stop + 1

    def _parenthesis(self) -> None:
        """`$(…)` or `$((…))`; the position is at the first parenthesis."""
        if self.peek(2) == "((":
            self.at = arithmetic_end(self.text, self.at)
            return
        self._substitution("(")

    def _backticks(self) -> None:
        self._dynamic = True
        self.at += 1
        inner: list[str] = []
        while (char := self.peek()) != "`":
            if not char:
                raise Unparsed("a backtick without its end")
            if char == "\\" and self.peek(2)[1:] in ("$", "`", "\\"):
                char = self.peek(2)[1:]
                self.at += 1
            inner.append(char)
            self.at += 1
        self.at += 1
        self._substitution("".join(inner) + "\n")


def arithmetic_end(text: str, at: int, *, loop: bool = False) -> int:
    """Behind the `))` of the arithmetic that begins at `at`; only what can hold no command is understood."""
    stop = text.find("))", at)
    while stop >= 0 and text[stop + 2 : stop + 3] == ")":
        stop += 1
    inner = text[at + 2 : stop] if stop >= 0 else "`"
    inner = inner.replace(";", " ") if loop else inner
    if not _ARITHMETIC.fullmatch(inner) or "$(" in inner or inner.count("(") != inner.count(")") or _closes(inner):
        raise Unparsed("arithmetic")
    return stop + 2


def _closes(inner: str) -> bool:
    """Whether a parenthesis closes that was not opened: then it is a subshell in a substitution, no arithmetic."""
    depth = 0
    for char in inner:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return True
    return False
