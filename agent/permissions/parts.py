"""What one call would do, part by part: each program that runs, each file that a redirection writes."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agent.permissions.shell.script import Command, commands_of
from agent.permissions.shell.words import Unparsed, Word

PartKind: TypeAlias = Literal["run", "write"]
SHELLS = {"bash", "sh", "dash", "zsh", "ksh", "ash"}
# They run their arguments as a command and do nothing else; the number is of own operands before it.
_TRANSPARENT = {"time": 0, "nohup": 0, "command": 0, "builtin": 0, "exec": 0, "nice": 0, "ionice": 0, "setsid": 0,
                "stdbuf": 0, "timeout": 1, "env": 0, "unbuffer": 0, "chronic": 0}  # fmt: skip
# They run their arguments too, but with other rights or on what the shell does not know yet: both parts count.
_POWERFUL = {"sudo": 0, "doas": 0, "xargs": 0, "parallel": 0, "watch": 0, "flock": 1, "chroot": 1, "nsenter": 0,
             "unshare": 0, "strace": 0, "su": 0, "runuser": 0, "entr": 0}  # fmt: skip
_WITH_VALUE = {
    "timeout": {"-s", "-k", "--signal", "--kill-after"}, "nice": {"-n"}, "ionice": {"-c", "-n"}, "exec": {"-a"},
    "stdbuf": {"-i", "-o", "-e"}, "env": {"-u", "-C", "--unset", "--chdir"},
    "sudo": {"-u", "-g", "-C", "-h", "-p", "-U", "-r", "-t", "-D", "-R", "-T", "--user", "--group"},
    "doas": {"-u", "-C"},
    "xargs": {"-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a", "--max-args", "--max-procs", "--delimiter"},
    "watch": {"-n"}, "strace": {"-e", "-o", "-p", "-s"},
}  # fmt: skip
_FIND_RUNS = {"-exec", "-execdir", "-ok", "-okdir"}
# What these do is not in their words: no rule of words can speak for them.
_OPAQUE = {"alias", "trap", "source", ".", "hash", "enable", "bind", "complete", "mapfile", "readarray", "fc"}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """`words` are in one spelling (`Word.shown`); `program` is the file name of what runs, "" where only the shell can
    tell. A "write" has the path as its only word. `literal` holds the words without quotes, and behind them the files
    that it reads as input. `certain` is False where a path depends on the shell, `fixed` where any word does."""

    kind: PartKind
    words: tuple[str, ...]
    literal: tuple[str, ...]
    program: str = ""
    certain: bool = True
    fixed: bool = True

    @property
    def text(self) -> str:
        """The part as a person reads it."""
        return " ".join(self.words) if self.kind == "run" else f"write {self.literal[0]}"


def parts_of(line: str) -> tuple[Part, ...]:
    """The parts of a shell line. Raises `Unparsed` when it is not understood for certain."""
    return tuple(dict.fromkeys(_parts(line, 0)))


def _parts(line: str, depth: int) -> Iterator[Part]:
    if depth > _DEEPEST:
        raise Unparsed("deep nesting")
    for command in commands_of(line, depth):
        yield from _of_command(command, depth)


def _of_command(command: Command, depth: int) -> Iterator[Part]:
    if command.words:
        yield from _of_words((*command.assignments, *command.words), len(command.assignments), command, depth)
    elif command.assignments:
        yield _run(command.assignments, "", certain=not any(word.dynamic for word in command.assignments))
    for target in command.writes:
        if target.text != "/dev/null":
            yield Part("write", (target.shown,), (target.text,), certain=not target.dynamic, fixed=not target.dynamic)


def _run(words: Sequence[Word], program: str, inputs: Sequence[Word] = (), *, certain: bool = True) -> Part:
    fixed = not any(word.dynamic for word in words)
    literal = tuple(word.text for word in (*words, *inputs))
    return Part("run", tuple(word.shown for word in words), literal, program, certain, fixed)


def _of_words(words: tuple[Word, ...], skip: int, command: Command, depth: int) -> Iterator[Part]:
    """The part of a simple command, and those of what it runs in its turn; `skip` words are assignments."""
    first = words[skip]
    if first.dynamic or first.glob:
        raise Unparsed(f"the name of the program in {first.source[:40]}")
    program, rest = posixpath.basename(first.text), words[skip + 1 :]
    if program in SHELLS:
        yield from _of_shell(words, program, rest, command, depth)
    elif program == "eval":
        if any(word.dynamic for word in rest):
            raise Unparsed("eval of what only the shell knows")
        yield from _parts(" ".join(word.text for word in rest), depth + 1)
    elif program in _OPAQUE and not (program == "alias" and not rest):
        raise Unparsed(program)
    elif program in _TRANSPARENT or program in _POWERFUL:
        yield from _of_wrapper(words, skip, program, command, depth)
    else:
        yield _run(words, program, command.inputs)
        if program == "find":
            yield from _of_find(rest, command, depth)


def _of_shell(
    words: tuple[Word, ...], program: str, rest: Sequence[Word], command: Command, depth: int
) -> Iterator[Part]:
    """`bash -c 'script'` is its script; `bash file` is a program of its own; a shell that reads commands is unknown."""
    for at, word in enumerate(rest):
        if word.dynamic or re.fullmatch(r"-\w*s\w*", word.text):
            break
        if word.text.startswith("-") and not word.text.startswith("--") and "c" in word.text:
            script = next((later for later in rest[at + 1 :] if not later.text.startswith("-")), None)
            if script is None or script.dynamic:
                break
            yield from _parts(script.text, depth + 1)
            return
        if not word.text.startswith("-"):
            yield _run(words, program)
            return
    if command.piped or command.reads or rest:
        raise Unparsed(f"what {program} would read")
    yield _run(words, program)


def _of_wrapper(words: tuple[Word, ...], skip: int, program: str, command: Command, depth: int) -> Iterator[Part]:
    powerful = program in _POWERFUL
    operands = _POWERFUL[program] if powerful else _TRANSPARENT[program]
    at, assigned = skip + 1, list(words[:skip])
    while at < len(words):
        word = words[at]
        if word.dynamic:
            raise Unparsed(f"the arguments of {program}")
        if (program == "env" and word.text in ("-S", "--split-string")) or word.text.startswith("--split-string="):
            raise Unparsed("env -S")
        if word.text == "-c" and program in ("su", "runuser", "flock"):
            yield _run(words, program)
            yield from _parts(words[at + 1].text if at + 1 < len(words) else "", depth + 1)
            return
        if word.text in _WITH_VALUE.get(program, ()):
            at += 2
        elif word.text.startswith("-"):
            at += 1
        elif program in ("env", "sudo", "doas") and "=" in word.text:
            assigned.append(word)
            at += 1
        elif operands:
            operands, at = operands - 1, at + 1
        else:
            break
    inner = (*assigned, *words[at:])
    if powerful or at >= len(words):
        yield _run(words, program)
    if at < len(words):
        more = (Word("…", "…", dynamic=True),) if program in ("xargs", "parallel") else ()
        yield from _of_words((*inner, *more), len(assigned), replace(command, piped=False), depth + 1)


def _of_find(rest: Sequence[Word], command: Command, depth: int) -> Iterator[Part]:
    """What `find` runs on each file that it finds."""
    for at, word in enumerate(rest):
        if word.text not in _FIND_RUNS:
            continue
        stop = next((i for i in range(at + 1, len(rest)) if rest[i].text in (";", "+")), len(rest))
        inner = tuple(Word("…", "…", dynamic=True) if "{}" in w.text else w for w in rest[at + 1 : stop])
        if not inner:
            raise Unparsed("find -exec of nothing")
        yield from _of_words(inner, 0, command, depth + 1)
