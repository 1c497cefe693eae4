"""Commands that users and projects write as Markdown files, in the format that Claude Code uses. Pure.

A file is the text of a request. `$ARGUMENTS` stands for everything behind the name, `$1` to `$9` for its words; where
neither occurs the argument is put below the text. Front matter may hold `description` and `argument-hint`.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Source: TypeAlias = Literal["yours", "project"]

MOST_CHARACTERS = 64_000
_FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"\$(ARGUMENTS|[1-9])(?!\w)")


@dataclass(frozen=True, slots=True)
class CustomCommand:
    """One file. `folder` is where a skill's other files are, in the sandbox; "" for a plain command."""

    name: str
    text: str
    description: str
    argument: str
    source: Source
    folder: str = ""

    def request(self, argument: str) -> str:
        """What goes to the model."""
        text = filled(self.text, argument)
        return f"{text}\n\nThe files of this skill are in {self.folder}." if self.folder else text


def parsed(name: str, content: str, source: Source, folder: str = "") -> CustomCommand:
    """A file's command; without a description its first line is one."""
    content = content.replace("\r\n", "\n").removeprefix("\ufeff")
    match = _FRONT.match(content)
    about = _fields(match.group(1)) if match else {}
    text = (content[match.end() :] if match else content).strip()
    first = text.split("\n", 1)[0].lstrip("# ")[:100]
    return CustomCommand(
        name, text, about.get("description", "") or first, about.get("argument-hint", ""), source, folder
    )


def name_of(path: str) -> str:
    """`git/fix issue.md` is `git:fix-issue`."""
    parts = path.removesuffix(".md").split("/")
    return ":".join(re.sub(r"[^\w.-]+", "-", part) for part in parts if part)


def filled(text: str, argument: str) -> str:
    """The text with its places filled, in one pass: what an argument holds is not looked at again."""
    if not _PLACE.search(text):
        return f"{text}\n\n{argument}".strip()
    words = _words(argument)
    values: Mapping[str, str] = {"ARGUMENTS": argument} | {str(at): word for at, word in enumerate(words[:9], 1)}
    return _PLACE.sub(lambda match: values.get(match.group(1), ""), text).strip()


def _fields(text: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in text.split("\n") if ":" in line and not line.startswith((" ", "\t", "#")))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:
        return argument.split()
