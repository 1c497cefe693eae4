"""What the first word of a command line means: a command, an option of the app, or a request for it."""

import sys
from collections.abc import Sequence

from cli.parsers.batch_views import VIEWS

_OWN_OPTIONS = ("-h", "--help", "-V", "--version")
# What Claude Code, Codex, Gemini and others call a run without their app.
_WITHOUT_APP = ("-p", "--print", "--prompt", "exec")


def mistake(arguments: Sequence[str], known: Sequence[str]) -> str:
    """A sentence for a first word that is no command of these, "" where it is one or stands for one. Pure."""
    first = arguments[0] if arguments else ""
    if first in _WITHOUT_APP:
        return f'qwright has no `{first}`: `qwright run "TASK"` does one task without the app and prints the patch.'
    if not first or first == "help" or first.startswith("-") or first in known or is_request(first):
        return ""
    # Only a mistake pays for it.
    import difflib

    shown = [name for name in known if not name.startswith("batch-")]
    near = difflib.get_close_matches(first, shown, n=1)
    guess = f" Did you mean `qwright {near[0]}`?" if near else ""
    return f"There is no command '{first}'.{guess} There are: {', '.join(shown)}. A request has more words than one."


def is_request(word: str) -> bool:
    """Whether a first argument is a request to the app: no command has a space in it."""
    return len(word.split()) > 1


def with_command(arguments: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """The command line with its command first.

    Options without a command and requests are the app's, and nothing at all means the app where there is a terminal.
    Two words that are one command become one, and `help` is the option of that name.
    """
    if not arguments:
        return ["pair"] if sys.stdin.isatty() and sys.stdout.isatty() else arguments
    first, *others = arguments
    if first == "help":
        return [*(name for name in others[:1] if name in known), "--help"]
    if first == "batch" and others and others[0] in VIEWS:
        return [f"batch-{others[0]}", *others[1:]]
    options = first.startswith("-") and first not in _OWN_OPTIONS
    return ["pair", *arguments] if options or is_request(first) else arguments
