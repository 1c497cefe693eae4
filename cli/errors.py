"""Errors of the command line: a sentence and an exit code."""

from cli import exit_codes


class CommandError(Exception):
    """The command cannot be done; the message says what, where, and what to do."""

    def __init__(self, message: str, exit_code: int = exit_codes.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(CommandError):
    """The command line or the configuration is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_codes.USAGE)


class SettingsWrong(UsageError):
    """A setting, wherever it was made, is not one that can be used."""


class SessionLocked(UsageError):
    """Another process has the session open."""


class SessionGone(UsageError):
    """What a session needs to be taken up is not there any more."""
