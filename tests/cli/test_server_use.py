"""The closing line about the server, and the figures behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.log import SessionLog
from cli.server_use import ServerUse, server_use


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    made = SessionLog.open(tmp_path / "log.sqlite", create=True)
    yield made
    made.close()


def answered(log: SessionLog, step: int, prompt: int, cached: int | None, first_s: float = 0.5) -> None:
    usage = {"prompt_tokens": prompt, "cached_tokens": cached, "completion_tokens": 101}
    log.append("assistant", step, {"usage": usage, "first_token_s": first_s, "duration_s": first_s + 2.0})


def test_a_turn_in_one_line(log: SessionLog) -> None:
    log.append("user", 0, {"text": "go"})
    for step, (prompt, cached) in enumerate([(10_000, 0), (11_000, 9_984), (12_500, 10_992)], 1):
        answered(log, step, prompt, cached, first_s=float(step))
    used = server_use(log)
    assert used == ServerUse(33_500, 0.6261, 2_524, 2_500, 2.0, 50.0)
    assert used.sentences() == (
        "Server: 63% of 33,500 prompt tokens came from its cache; 2,524 were computed for 2,500 new ones; "
        "first word after 2.0 s (median), then 50 tokens/s."
    )


def test_only_the_turn_after_an_entry_counts(log: SessionLog) -> None:
    log.append("user", 0, {"text": "go"})
    answered(log, 1, 10_000, 0)
    newest = log.newest()
    log.append("user", 1, {"text": "again"})
    answered(log, 2, 400, 100)
    assert server_use(log, newest).prompt_tokens == 400
    assert server_use(log, newest).new_tokens is None


def test_what_the_server_does_not_tell_is_left_out(log: SessionLog) -> None:
    log.append("user", 0, {"text": "go"})
    assert server_use(log).sentences() == ""
    answered(log, 1, 900, None)
    answered(log, 2, 950, None)
    assert server_use(log).sentences() == "Server: first word after 0.5 s (median), then 50 tokens/s."
