"""From a script to the simple commands in it, wherever they stand: lists, pipes, groups, loops, substitutions.

The grammar is bash's (manual, chapter 3), read flat: which command runs when does not matter here, only that none is
missed. `case`, `select`, `coproc`, `function NAME` and rare expansions are not understood and raise `Unparsed`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.permissions.shell.words import BLANKS, Unparsed, Word, WordReader, arithmetic_end

_LEADS = {"if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "fi", "done"}
_STRANGE = {"case", "select", "coproc", "function", "esac"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[\w*\])?\+?=", re.ASCII)
_REDIRECTION = re.compile(r"&>>|&>|<<<|<<-|<<|<>|<&|>>|>\||>&|[<>]")
_DUPLICATED = re.compile(r"\d+-?|-")
# Arithmetic and names of variables are evaluated by the shell: `x='a[$(rm y)]'; echo $((x))` runs rm.
_EVALUATES = re.compile(r"\(\(|\[|\b(?:let|declare|typeset|local|readonly|printf|read|test|unset|eval)\b|@")
_DEEPEST = 20
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command: its words, the assignments before them, the files that its redirections write and read.

    `reads` says whether its input comes from a file or a here-document, `piped` whether from another command.
    """

    words: tuple[Word, ...] = ()
    assignments: tuple[Word, ...] = ()
    writes: tuple[Word, ...] = ()
    reads: bool = False
    inputs: tuple[Word, ...] = ()
    piped: bool = False


@dataclass(slots=True)
class _Making:
    words: list[Word] = field(default_factory=list[Word])
    assignments: list[Word] = field(default_factory=list[Word])
    writes: list[Word] = field(default_factory=list[Word])
    inputs: list[Word] = field(default_factory=list[Word])
    reads: bool = False


def commands_of(text: str, depth: int = 0) -> list[Command]:
    """All simple commands of a script, in the order in which they stand. Raises `Unparsed`."""
    if len(text) > _LONGEST:
        raise Unparsed("a very long line")
    if "\0" in text or "\r" in text:
        raise Unparsed("control characters")
    found: list[Command] = []
    _Script(text, 0, found, depth).run(closed_by="")
    hidden = any("$(" in word.text or "`" in word.text for word in _literals(found))
    if hidden and _EVALUATES.search(text):
        raise Unparsed("quoted commands beside arithmetic, which would run them")
    return found


def _hides(word: Word) -> bool:
    """Whether a quoted command stands in a word: `[[ -v 'a[$(rm x)]' ]]` and `[[ 'a[$(rm x)]' -eq 1 ]]` run it."""
    commands = "$(" in word.source or "`" in word.source
    return commands and (not word.dynamic or "'" in word.source or "\\" in word.source)


def _literals(found: list[Command]) -> Iterator[Word]:
    for command in found:
        yield from (word for word in (*command.assignments, *command.words) if not word.dynamic)


class _Script:
    def __init__(self, text: str, at: int, found: list[Command], depth: int) -> None:
        if depth > _DEEPEST:
            raise Unparsed("deep nesting")
        self._found, self._depth = found, depth
        self._reader = WordReader(text, self._substituted)
        self._reader.at = at
        self._documents: list[tuple[str, bool, bool]] = []

    @property
    def at(self) -> int:
        return self._reader.at

    def _substituted(self, inner: str) -> None:
        """A command that the shell runs to make a word: "(" when it stands at the position, else its own text."""
        if inner != "(":
            _Script(inner, 0, self._found, self._depth + 1).run(closed_by="")
            return
        nested = _Script(self._reader.text, self.at + 1, self._found, self._depth + 1)
        nested.run(closed_by=")")
        self._reader.at = nested.at

    def run(self, closed_by: str) -> None:
        """Read commands up to the end, or up to and with the closing parenthesis."""
        reader, piped = self._reader, False
        while True:
            char = reader.peek()
            if not char:
                if closed_by:
                    raise Unparsed("a ( without its end")
                return
            if char in BLANKS:
                reader.at += 1
            elif reader.peek(2) == "\\\n":
                reader.at += 2
            elif char == "\n":
                self._new_line()
            elif char == "#":
                self._skip_comment()
            elif char == ")":
                if closed_by != ")" or self._documents:
                    raise Unparsed("a ) too many")
                reader.at += 1
                return
            elif char in ";|&" and reader.peek(2) != "&>":
                piped = char == "|" and reader.peek(2) != "||"
                reader.at += 2 if reader.peek(2) in ("&&", "||", "|&", ";;") else 1
            else:
                self._command(piped=piped)
                piped = False

    def _new_line(self) -> None:
        """The end of a line; here-documents begin behind it."""
        reader = self._reader
        reader.at += 1
        for delimiter, quoted, strip in self._documents:
            body: list[str] = []
            while reader.at < len(reader.text):
                line, _, _ = reader.text[reader.at :].partition("\n")
                reader.at += len(line) + 1
                if (line.lstrip("\t") if strip else line) == delimiter:
                    break
                body.append(line)
            if not quoted and re.search(r"`|\$[({]", "\n".join(body)):
                self._expanded("\n".join(body))
        self._documents.clear()
        reader.at = min(reader.at, len(reader.text))

    def _expanded(self, body: str) -> None:
        """Substitutions in a here-document: as in double quotes, but that quotes mean nothing there."""
        if '"' in body:
            raise Unparsed("quotes beside a substitution in a here-document")
        _Script(f'"{body}"', 0, self._found, self._depth + 1).only_word()

    def only_word(self) -> None:
        """Read a single word for the commands in it."""
        self._reader.word()

    def _skip_comment(self) -> None:
        stop = self._reader.text.find("\n", self.at)
        self._reader.at = len(self._reader.text) if stop < 0 else stop

    def _command(self, *, piped: bool) -> None:
        reader = self._reader
        if reader.peek(2) == "((":
            reader.at = arithmetic_end(reader.text, self.at)
            return
        if reader.peek() == "(":
            self._substituted("(")
            return
        making = _Making()
        while self._more(making):
            pass
        if making.words or making.assignments or making.writes:
            self._found.append(
                Command(
                    tuple(making.words),
                    tuple(making.assignments),
                    tuple(making.writes),
                    making.reads,
                    tuple(making.inputs),
                    piped,
                )
            )

    def _more(self, making: _Making) -> bool:
        """Read one more piece of a simple command; False at its end."""
        reader = self._reader
        while reader.peek() and (reader.peek() in BLANKS or reader.peek(2) == "\\\n"):
            reader.at += 2 if reader.peek() == "\\" else 1
        char = reader.peek()
        if reader.peek(2) in ("<(", ">("):
            reader.at += 1
            self._substituted("(")
            making.words.append(Word("<(…)", "<(…)", dynamic=True))
            return True
        if redirection := _REDIRECTION.match(reader.text, self.at):
            self._redirected(redirection, making)
            return True
        if not char or char in "\n;|&)":
            return False
        if char == "#":
            self._skip_comment()
            return False
        if char == "(":
            return self._function(making)
        word = reader.word()
        if word.source.isdigit() and reader.peek() in ("<", ">"):
            return True
        if self._documents and "\n" in word.source:
            raise Unparsed("a line break in quotes beside a here-document")
        if not making.words:
            return self._first(word, making)
        making.words.append(word)
        return True

    def _function(self, making: _Making) -> bool:
        """`name()`: what follows is its body, whose commands count as if they ran here."""
        if len(making.words) != 1 or making.assignments or not re.match(r"\(\s*\)", self._reader.text[self.at :]):
            raise Unparsed("a ( inside a command")
        making.words.clear()
        self._reader.at = self._reader.text.index(")", self.at) + 1
        return False

    def _first(self, word: Word, making: _Making) -> bool:
        """The first word of a command, which may be a reserved one. False where a new command begins behind it."""
        if assigned := _ASSIGNMENT.match(word.source):
            if self._reader.peek() == "(" and assigned.end() == len(word.source):
                raise Unparsed("an array")
            making.assignments.append(word)
            return True
        if word.bare and not making.assignments and not making.writes:
            if word.text in _STRANGE:
                raise Unparsed(word.text)
            if word.text in _LEADS:
                return False
            if word.text == "for":
                self._loop_head()
                return False
            if word.text == "[[":
                self._condition()
                return False
        making.words.append(word)
        return True

    def _loop_head(self) -> None:
        """`for NAME in WORDS`: commands can only stand in substitutions."""
        reader = self._reader
        while reader.peek() and reader.peek() not in ";\n":
            if reader.peek() in BLANKS:
                reader.at += 1
            elif reader.peek(2) == "((":
                reader.at = arithmetic_end(reader.text, self.at, loop=True)
            elif reader.peek() in "|&()<>":
                raise Unparsed("this loop")
            else:
                reader.word()

    def _condition(self) -> None:
        """`[[ … ]]`: operators mean comparisons here."""
        reader = self._reader
        while reader.peek() and reader.peek() != "\n":
            if reader.peek() in " \t<>|&":
                reader.at += 1
            elif reader.peek() in "();":
                raise Unparsed("this condition")
            else:
                word = reader.word()
                if word.source == "]]":
                    return
                if _hides(word):
                    raise Unparsed("quoted commands in a condition, which would run them")
        raise Unparsed("[[ without ]]")

    def _redirected(self, redirection: re.Match[str], making: _Making) -> None:
        reader, sign = self._reader, redirection.group()
        reader.at = redirection.end()
        while reader.peek() and reader.peek() in BLANKS:
            reader.at += 1
        if not reader.peek() or reader.peek() in "\n;|&()<>":
            raise Unparsed("a redirection to nowhere")
        target = reader.word()
        if sign in ("<<", "<<-"):
            if target.dynamic:
                raise Unparsed("this here-document")
            self._documents.append((target.text, not target.bare, sign == "<<-"))
        if sign in ("<", "<<<", "<<", "<<-", "<&"):
            making.reads = making.reads or sign != "<&"
            if sign == "<":
                making.inputs.append(target)
        elif not (sign == ">&" and _DUPLICATED.fullmatch(target.text)):
            making.writes.append(target)
