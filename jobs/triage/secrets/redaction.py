"""Texts without secrets, each replaced by a word that says which kind it was."""

from collections.abc import Iterator

from jobs.triage.secrets.chance import drawn
from jobs.triage.secrets.encoded import encoded
from jobs.triage.secrets.known import known
from jobs.triage.secrets.named import named
from jobs.triage.secrets.sent import sent
from jobs.triage.secrets.spans import Span, without

LONGEST = 16 * 1024
"""Characters behind a cut that are looked at as well: no secret that begins before the cut is longer, but private keys,
which count up to their end or that of the text."""


def redacted(text: str, limit: int | None = None) -> str:
    """The text up to `limit` characters without secrets: known tokens, private keys, passwords in addresses, headers,
    arguments and assignments, what is one of these in base64 or hexadecimal, and words that look drawn at random.

    Hexadecimal digests on their own stay, as commits and checksums are no secrets. Of a longer text `LONGEST`
    characters more are looked at, so that none passes for being cut; a secret across the limit is replaced as a whole.
    """
    end = len(text) if limit is None else min(limit, len(text))
    return without(seen := text[: end + LONGEST], secrets(seen), end)


def secrets(text: str) -> Iterator[Span]:
    """Every secret of a text, in no order; the surer kinds first."""
    yield from known(text)
    yield from sent(text)
    yield from named(text)
    yield from encoded(text, _sure)
    yield from drawn(text)


def surely_secret(text: str) -> bool:
    """Whether a text holds a known token, a private key, a password in an address or a word drawn at random.

    For code, in which `token = next(tokens)` is no secret: assignments count by their value only.
    """
    spans = (next(found, None) for found in (known(text), _passwords(text), encoded(text, _known), drawn(text)))
    return any(span is not None for span in spans)


def _passwords(text: str) -> Iterator[Span]:
    return (span for span in sent(text) if span.kind == "password")


def _sure(text: str) -> bool:
    return any(next(found, None) is not None for found in (known(text), sent(text), named(text)))


def _known(text: str) -> bool:
    return next(known(text), None) is not None
