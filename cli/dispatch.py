"""From a parsed command line to the module of the command, and from its errors to a sentence and an exit code."""

import importlib
import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from cli import exit_codes
from cli.errors import CommandError
from cli.first_word import mistake, with_command
from cli.logfile import log_to_file
from cli.parser import build_parser
from cli.paths import state_dir

_logger = logging.getLogger(__name__)


class _Command(Protocol):
    def execute(self, options: Namespace) -> int:
        """Run the command; returns the exit code."""
        ...


def dispatch(arguments: Sequence[str], before: Callable[[], object] = lambda: None) -> int:
    """Parse and run. A traceback never reaches the user: it goes to the log file, which is named.

    `before` is called when all is loaded and the command begins.
    """
    parser = build_parser()
    arguments, handed_on = _handed_on(arguments)
    known = cast("Sequence[str]", parser.get_default("commands"))
    if mistaken := mistake(arguments, known):
        _say(mistaken)
        return exit_codes.USAGE
    arguments = with_command(arguments, known)
    options, rest = parser.parse_known_args(arguments)
    options.handed_on = handed_on
    if len(rest) == 1 and not rest[0].startswith("-") and getattr(options, "task", "") is None:
        # argparse settles an optional argument too early when flags stand before it.
        options.task, rest = rest[0], []
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}; `qwright {arguments[0]} --help` has what there is")
    module: str | None = getattr(options, "module", None)
    if module is None:
        parser.print_help()
        return exit_codes.USAGE if arguments else exit_codes.DONE
    try:
        path = log_to_file()
    except OSError as error:
        _say(f"The state directory {state_dir()} cannot be used ({error.strerror}); set QWRIGHT_STATE_DIR to another.")
        return exit_codes.USAGE
    try:
        command = cast("_Command", importlib.import_module(module))
        before()
        return command.execute(options)
    except CommandError as error:
        _logger.warning("command failed", exc_info=error)
        _say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except Exception as crash:  # the second of two places: a front shows an error
        if _reader_is_gone(crash):
            return exit_codes.FAILED
        _logger.exception("crash")
        _say(f"An error of qwright's own ({type(crash).__name__}: {crash}). The traceback is in {path}.")
        return exit_codes.FAILED


def _handed_on(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What stands after `--` in `qwright serve … -- …` is vLLM's; argparse would take it for arguments of ours."""
    if arguments[:1] != ["serve"] or "--" not in arguments:
        return arguments, ()
    at = list(arguments).index("--")
    return arguments[:at], arguments[at + 1 :]


def _reader_is_gone(error: BaseException) -> bool:
    """Whether this says no more than that standard output was closed at its other end (`qwright ... | head`)."""
    if isinstance(error, BaseExceptionGroup):
        return all(_reader_is_gone(inner) for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions)
    if not isinstance(error, BrokenPipeError):
        return False
    # What is still buffered goes nowhere, or the interpreter would complain when it flushes at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _say(sentence: str) -> None:
    from cli.printing import printable

    print(f"qwright: {printable(sentence)}", file=sys.stderr)
