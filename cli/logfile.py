"""The log file for what users need not see: tracebacks and warnings."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from cli.paths import state_dir


class _PrivateFile(RotatingFileHandler):
    """For the owner only, in whatever directory."""

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        os.fchmod(stream.fileno(), 0o600)
        return stream


def log_to_file() -> Path:
    """Send warnings and worse to `qwright.log` in the state directory; returns its path."""
    path = state_dir() / "qwright.log"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(level=logging.WARNING, handlers=[file_handler(path)])
    return path


def file_handler(path: Path) -> logging.Handler:
    """Writes to a file that turns over at 2 MB. Half surrogates of untrusted text are written as escapes: a log that
    cannot write a line would write about that to the screen.
    """
    handler = _PrivateFile(path, maxBytes=2_000_000, backupCount=2, delay=True, encoding="utf-8")
    handler.errors = "backslashreplace"
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"))
    return handler
