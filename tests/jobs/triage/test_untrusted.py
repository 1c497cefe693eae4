"""Taming and redaction over all texts: what was secret is nowhere, what is harmless stays."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.triage.lines import clean
from jobs.triage.reports.markdown import code, inline
from jobs.triage.untrusted import tame
from tests.jobs.triage.inputs import verdict
from tests.jobs.triage.test_attacks import ACTIVE, CODE, HIDDEN, LOG, MESSAGE, outputs

WORDS = string.ascii_letters + string.digits
SECRETS = st.text(WORDS, min_size=36, max_size=60).filter(lambda word: len(set(word)) > 12)
# An escape sequence may take the first letter of a known form with it, as it does on a terminal.
NO_ESCAPES = st.characters(exclude_characters="\x1b\x9b", exclude_categories=["Cs"])
FORMS = (
    "token ghp_{}",
    "glpat-{}",
    "https://user:{}@example.org/x",
    "Authorization: Bearer {}",
    "authorization=Basic {}",
    'password="{}"',
    "API_KEY={}",
    "db_password: {}",
    "--token {}",
    "sk-{}",
    "npm_{}",
    "'secret': '{}'",
    "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{}",
)


@settings(deadline=None)
@given(st.sampled_from(FORMS), SECRETS, st.text(NO_ESCAPES, max_size=30), st.integers(10, 500))
def test_a_secret_is_nowhere(form: str, secret: str, around: str, limit: int) -> None:
    assert secret not in tame(f"{around} {form.format(secret)} {around}", limit)


@settings(deadline=None)
@given(st.sampled_from([form for form in FORMS if "\n" not in form]), SECRETS)
def test_a_secret_in_a_log_is_in_no_output(form: str, secret: str) -> None:
    log = LOG.replace(MESSAGE, f"E       IndexError: {form.format(secret)}")
    assert secret not in "".join(outputs(verdict(log.encode())).values())


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_stays_hidden_or_active(text: str) -> None:
    assert not HIDDEN.search(tame(text).replace("\t", " ").replace("\n", " "))
    for shown in (inline(text), code(text)):
        assert not ACTIVE.search(CODE.sub("", shown)), shown
        assert "\n" not in shown


@settings(deadline=None)
@given(st.text(max_size=300))
def test_taming_twice_is_taming_once(text: str) -> None:
    once = tame(text, 5000)
    assert tame(once, 5000) == once


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "tests/test_cart.py::test_total[1] - assert 1.0 == 9.0",
        "shop.services.checkout.internal.PaymentGatewayAdapterImplementation.settle",
        "password must not be empty",
        "password=None token: null",
        "/home/runner/work/shop/shop/src/main/java/shop/Cart.java",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert tame(text) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2026-01-05T10:00:00.1234567Z FAILED x", "FAILED x"),
        ("job\tstep\t2026-01-05T10:00:00.1Z FAILED x", "FAILED x"),
        ("[2026-01-05T10:00:00.123Z] FAILED x", "FAILED x"),
        ("\x1b[31mFAILED\x1b[0m x\r\n", "FAILED x"),
        ("10%\r50%\rFAILED x", "FAILED x"),
        ("section_start:1:step[collapsed=true]\r\x1b[0KFAILED x", "FAILED x"),
        ("##[group]FAILED x", "FAILED x"),
        ("[not a time] x", "[not a time] x"),
    ],
)
def test_lines_as_the_tool_printed_them(raw: str, text: str) -> None:
    assert clean(raw) == text
