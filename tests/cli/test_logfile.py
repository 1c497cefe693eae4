"""The log file takes every text, and is its owner's."""

import logging
from pathlib import Path

import pytest

from cli.logfile import file_handler


def test_a_half_surrogate_is_written_as_an_escape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "qwright.log"
    handler = file_handler(path)
    handler.handle(logging.LogRecord("x", logging.WARNING, "", 0, "said \ud800 and é", None, None))
    handler.close()
    assert "said \\ud800 and é" in path.read_text(encoding="utf-8")
    assert capsys.readouterr().err == ""
    assert path.stat().st_mode & 0o777 == 0o600
