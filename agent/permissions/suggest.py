"""What "always" could mean for each part of a call: exactly this, or a pattern that holds what belongs together.

A pattern is never offered where the words behind the name decide what is done (`rm`, `sudo`, interpreters).
"""

import posixpath
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from agent.permissions.parts import Part
from agent.permissions.rules import Rule, matches, rule_of

_VERBS = {"git", "npm", "yarn", "pnpm", "cargo", "pip", "pip3", "uv", "go", "poetry", "gh", "conda",
          "apt", "apt-get", "brew", "dotnet", "bundle", "systemctl", "rustup", "mix", "swift", "gradle",
          "tox"}  # fmt: skip
_RUNS = {("npm", "run"), ("yarn", "run"), ("pnpm", "run"), ("uv", "run"), ("poetry", "run"), ("bundle", "exec")}
_PYTHONS = {"python", "python3"}
_ANY_ARGUMENTS_DECIDE = {
    "rm", "mv", "cp", "ln", "dd", "chmod", "chown", "shred", "truncate", "tee", "find", "sed", "awk", "gawk", "perl",
    "python", "python3", "ruby", "node", "php", "lua", "bash", "sh", "zsh", "dash", "sudo", "doas", "su", "xargs",
    "parallel", "ssh", "scp", "rsync", "curl", "wget", "nc", "kill", "pkill", "killall", "env", "watch", "flock",
    "eval",
    "export", "unset", "set", "declare", "install", "unlink", "mount", "umount", "crontab", "at", "docker", "podman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Rules in their written form that would allow one part from now on; "" where none is safe to offer."""

    part: str
    exact: str
    pattern: str = ""


def suggestions(tool: str, parts: Iterable[Part]) -> tuple[Suggestion, ...]:
    """One for each part that a rule can speak for."""
    made = (_suggestion(tool, part) for part in parts)
    return tuple(one for one in made if one.exact or one.pattern)


def _suggestion(tool: str, part: Part) -> Suggestion:
    if part.kind == "write":
        path = posixpath.normpath(part.literal[0])
        folder = posixpath.dirname(path)
        exact = f"edit: {path}"
        pattern = f"edit: {folder}/**" if folder else ""
    elif tool != "bash":
        exact, pattern = "", f"{tool}: *"
    else:
        exact = f"bash: {' '.join(part.words)}" if part.fixed and part.words[-1:] != ("*",) else ""
        pattern = f"bash: {_head(part)} *" if _head(part) else ""
    return Suggestion(part.text, _checked(exact, tool, part), _checked(pattern, tool, part))


def _head(part: Part) -> str:
    """The words in front of the star."""
    words = part.words
    if words[0] != part.program or not part.certain:
        return ""
    count = 1
    if (part.program in _PYTHONS and words[1:2] == ("-m",)) or words[:2] in _RUNS:
        count = 3
    elif part.program in _VERBS:
        count = 2
    elif part.program in _ANY_ARGUMENTS_DECIDE:
        return ""
    head = words[:count]
    plain = all(word == shlex.quote(shlex.split(word)[0]) for word in head if _splits(word))
    if (
        len(head) < count
        or not plain
        or (count > 1 and head[-1].startswith("-"))
        or part.program in ("docker", "podman")
    ):
        return ""
    if count == 3 and head[-1] in _ANY_ARGUMENTS_DECIDE:
        return ""
    return " ".join(head)


def _splits(word: str) -> bool:
    try:
        return len(shlex.split(word)) == 1
    except ValueError:
        return False


def _checked(line: str, tool: str, part: Part) -> str:
    """The line, if the rule that it stands for does speak of this part."""
    if not line:
        return ""
    try:
        rule: Rule = rule_of("allow", line)
    except ValueError:
        return ""
    return line if matches(rule, tool, part) else ""
