"""Secrets at the edges of what is seen: across a cut, over many lines, in texts of any length."""

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.triage.lines import read_lines
from jobs.triage.secrets.keys import without_keys
from jobs.triage.secrets.redaction import LONGEST, redacted
from jobs.triage.untrusted import tame
from tests.jobs.triage.inputs import verdict
from tests.jobs.triage.secrets.kinds import MIXED, tokens
from tests.jobs.triage.test_attacks import LOG, outputs

TOKENS = [token for _, token in tokens()]
KEY = [
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    *(MIXED[n : n + 64] for n in range(12)),
    "kJ8sQ2w==",
    "-----END RSA PRIVATE KEY-----",
]
STAMPS = ("", "2026-01-05T10:00:00.1234567Z ", "E       ", "[10:00:00] | ")


@settings(deadline=None)
@given(st.sampled_from(TOKENS), st.integers(0, 500), st.integers(1, 500), st.sampled_from(["", "x " * LONGEST * 3]))
def test_no_cut_leaves_a_part_of_a_token(token: str, before: int, limit: int, behind: str) -> None:
    shown = tame("- " * (before // 2) + token + " " + behind, limit)
    assert token[: len(token) * 3 // 4] not in shown


@settings(deadline=None)
@given(st.sampled_from(TOKENS), st.integers(-200, 200))
def test_no_token_at_the_end_of_what_is_looked_at_is_shown(token: str, offset: int) -> None:
    """Behind signs that show nothing a text is cut before it is looked through: its last word may be half a token."""
    limit = 400
    hidden = limit + 2 * LONGEST + offset - len(token) // 2
    shown = tame("\u200b" * hidden + token + " tail" * 10_000, limit)
    assert token[: len(token) // 3] not in shown


@settings(deadline=None)
@given(st.text(max_size=2000), st.integers(1, 600))
def test_what_is_cut_is_told(text: str, limit: int) -> None:
    shown = tame(text, limit)
    assert len(shown) <= limit + 40
    assert len(text) <= limit or "characters more]" in shown or len(tame(text, len(text))) <= limit


@pytest.mark.parametrize("stamp", STAMPS)
def test_no_line_of_a_key_is_seen_alone(stamp: str) -> None:
    log = "\n".join(["start", *(stamp + line for line in KEY), "FAILED a.py::test_a - no", ""])
    texts = [line.text for line in without_keys(read_lines(io.BytesIO(log.encode())))]
    assert texts[0] == "start"
    assert texts[-1] == "FAILED a.py::test_a - no"
    assert len(texts) == len(KEY) + 2
    assert not any(part in text for part in KEY[1:-1] for text in texts)


def test_a_key_without_an_end_hides_no_failure() -> None:
    log = "\n".join([*KEY[:4], "FAILED a.py::test_a - no", KEY[5], ""])
    texts = [line.text for line in without_keys(read_lines(io.BytesIO(log.encode())))]
    assert "FAILED a.py::test_a - no" in texts


@pytest.mark.parametrize("stamp", STAMPS)
def test_no_output_has_a_part_of_a_key_that_a_test_printed(stamp: str) -> None:
    message = "\n".join(
        f"{stamp}E       AssertionError: {line}" if n == 0 else f"{stamp}E       {line}" for n, line in enumerate(KEY)
    )
    log = LOG.replace("E       IndexError: list index out of range", message)
    for form, text in outputs(verdict(log.encode())).items():
        assert not any(part in text for part in KEY[1:-1]), form


def _seconds(text: str, limit: int) -> float:
    start = time.process_time()
    tame(text, limit)
    return time.process_time() - start


def test_the_work_goes_with_the_limit_not_with_the_text() -> None:
    """A hundred megabytes for a quote of 400 characters: counted by what is looked at, timed by orders of magnitude."""
    assert _seconds("password= " * 10_000_000, 400) < 5


REPEATED = (
    *(
        "password",
        "token=",
        "secret ",
        "curl -u ",
        "://",
        "a:",
        "name: token ",
        "A_",
        "x=",
        "eyJ",
        "Cookie: a=",
        "\\",
        "'",
    ),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "authorization ", "passphrase: ", "<token", "?sig"),
    *("login a ", "docker login ", "AAAA:AA", "//", "--a", "Private-Lines: ", "password: |  "),
)


@pytest.mark.parametrize("word", REPEATED)
def test_no_repetition_stalls_the_search(word: str) -> None:
    """Each takes less than a second; with a rule that is not linear it takes minutes, which the suite's limit ends."""
    redacted(word * (200_000 // len(word)))
