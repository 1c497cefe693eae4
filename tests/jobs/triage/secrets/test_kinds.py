"""Each known form of a secret goes, and what is none stays."""

import pytest

from jobs.triage.untrusted import tame
from tests.jobs.triage.secrets.kinds import NO_SECRETS, forms, tokens

AROUND = ("{}", "got {} back", "'{}'", "x={},", "({})", "[{}]", "`{}`", "<{}>", "a: {};")


@pytest.mark.parametrize(("name", "token"), list(tokens()), ids=lambda value: value[:20])
def test_a_known_token_goes_wherever_it_stands(name: str, token: str) -> None:
    for around in AROUND:
        assert token[:-1] not in tame(around.format(token)), (name, around)


@pytest.mark.parametrize(("name", "text", "secret"), list(forms()), ids=lambda value: value[:30])
def test_a_secret_that_its_place_betrays_goes(name: str, text: str, secret: str) -> None:
    assert secret in text
    once = tame(text, 5000)
    assert secret not in once, name
    assert tame(once, 5000) == once


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert tame(text) == text
