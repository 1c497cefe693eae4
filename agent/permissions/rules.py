"""Rules that a person has written or granted, and how they match. Deny beats ask beats allow.

A rule is a line: `bash: git status` speaks for exactly this command, `bash: git log *` for any words behind these,
`edit: src/**` for files, `TOOL: *` for every call of another tool. Allow rules match narrowly (the same words in the
same spelling), deny and ask rules widely (whatever the path of the program, its assignments, git's own options).
"""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from agent.permissions.parts import Part
from agent.permissions.shell.script import commands_of
from agent.permissions.shell.words import Unparsed, Word

Verb: TypeAlias = Literal["deny", "ask", "allow"]
VERBS: tuple[Verb, ...] = get_args(Verb)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=", re.ASCII)
_GIT_WITH_VALUE = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"}


@dataclass(frozen=True, slots=True)
class Rule:
    """`what` is the text behind the tool's name."""

    verb: Verb
    tool: str
    what: str

    @property
    def line(self) -> str:
        """As it is written in the file."""
        return f"{self.tool}: {self.what}"


def rule_of(verb: Verb, line: str) -> Rule:
    """A rule from its line; raises `ValueError` with a sentence when it says nothing."""
    tool, colon, what = line.partition(":")
    tool, what = tool.strip(), what.strip()
    if not colon or not tool or not what:
        raise ValueError(f"{line!r} is no rule; write it as `bash: git status`, `bash: git log *` or `edit: src/**`.")
    if tool == "bash" and what != "*" and not _words(what):
        raise ValueError(f"{line!r} is no rule: behind bash: stands one plain command; * at its end is any words.")
    return Rule(verb, tool, what)


def verdict(rules: Sequence[Rule], tool: str, part: Part) -> Verb | None:
    """What the rules say of a part, the strictest first; None when they are silent."""
    for verb in VERBS:
        if any(rule.verb == verb and matches(rule, tool, part) for rule in rules):
            return verb
    return None


def matches(rule: Rule, tool: str, part: Part) -> bool:
    """Whether a rule speaks of this part of a call."""
    if part.kind == "write":
        return rule.tool == "edit" and _path_matches(rule, part)
    if rule.tool != tool:
        return False
    if rule.what == "*":
        return part.certain or rule.verb != "allow"
    if tool != "bash":
        return False
    words = _words(rule.what)
    if rule.verb == "allow":
        return part.certain and _begins(part.words, words)
    return any(_begins(form, words) for form in wide_forms(part))


def wide_forms(part: Part) -> tuple[tuple[str, ...], ...]:
    """The words of a part in the spellings that deny and ask rules look at."""
    words = list(part.words)
    while words and _ASSIGNMENT.match(words[0]):
        del words[0]
    if words and part.program:
        words[0] = part.program
    plain = words[:1] + _without_git_options(words[1:]) if part.program == "git" else words
    return part.words, tuple(words), tuple(plain)


def _without_git_options(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _GIT_WITH_VALUE else 1
    return words[at:]


def _begins(words: Sequence[str], rule: Sequence[str]) -> bool:
    if rule and rule[-1] == "*":
        return tuple(words[: len(rule) - 1]) == tuple(rule[:-1])
    return tuple(words) == tuple(rule)


def _words(what: str) -> tuple[str, ...]:
    """The words of a rule, in the spelling of parts; () when it is no plain command."""
    try:
        commands = commands_of(what)
    except Unparsed:
        return ()
    if len(commands) != 1 or commands[0].writes:
        return ()
    words: tuple[Word, ...] = (*commands[0].assignments, *commands[0].words)
    return tuple(word.shown for word in words)


def _path_matches(rule: Rule, part: Part) -> bool:
    path = posixpath.normpath(part.literal[0])
    if rule.verb == "allow" and (not part.certain or path.startswith("..")):
        return False
    return rule.what in ("*", "**") or bool(re.fullmatch(_glob(rule.what), path))


def _glob(pattern: str) -> str:
    """`*` stays in a folder, `**` does not."""
    pieces = re.split(r"(\*\*/?|\*|\?)", pattern)
    made = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(made.get(piece) or re.escape(piece) for piece in pieces)
