"""Secrets that logs carry, replaced by a word that says which kind it was."""

import math
import re
from collections import Counter

_PEM = re.compile(
    (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY"
        r"(?: BLOCK)?-----|"
        r"\Z)"
    ),
    re.DOTALL,
)
_START = r"(?<![A-Za-z0-9])"
_KNOWN = (
    ("GitHub token", r"(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("GitLab token", r"(?:glpat|gldt|glrt|glcbt|glptt|glft|glsoat)-[A-Za-z0-9_.-]{16,}"),
    ("AWS key id", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("Slack token", r"(?:xox[abeoprs]-[A-Za-z0-9-]{10,}|https://hooks\.slack\.com/services/[A-Za-z0-9/_-]+)"),
    ("API key", r"(?:sk-[A-Za-z0-9_-]{16,}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|AIza[0-9A-Za-z_-]{30,})"),
    (
        "package token",
        r"(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|dckr_pat_[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,})",
    ),
    ("JSON web token", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
)
_KNOWN_RULES = tuple((name, re.compile(_START + rule)) for name, rule in _KNOWN)
_URL = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@'\"]{1,512}@", re.IGNORECASE)
_HEADER = re.compile(
    r"(?P<head>\b(?:authorization|proxy-authorization)\b['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|"
    r"token|negotiate)\s+)?|\bbearer\s+)"
    r"(?P<value>[^\s'\",;]{6,})",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?P<head>(?<![\w.-])[\w.-]{0,64}?(?:passw(?:or)?d|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|"
    r"private[_-]?key|credentials?|\bpwd)"
    r"[\w.-]{0,64}\\?['\"]?\s{0,20}(?:=>|:=|[:=])\s{0,20})(?P<value>\\?\"[^\"]{4,}\"|'[^']{4,}'|[^\s'\",;&)\]}]{4,})",
    re.IGNORECASE,
)
_FLAG = re.compile(r"(?P<head>--?(?:password|passwd|token|secret|api-key)[ =])(?P<value>[^\s'\"]{4,})", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w/+.-])[A-Za-z0-9+/_=-]{32,}(?![\w/.-])")
_ASSIGNED = re.compile(r"(?P<head>(?<!\w)[A-Za-z_]\w{0,64}\s{0,20}=\s{0,20}['\"]?)(?P<value>[A-Za-z0-9+/_=-]{20,})")
_HEX = re.compile(r"^[0-9a-f]+$|^[0-9A-F]+$")


def redacted(text: str) -> str:
    """The text without secrets: known tokens, private keys, passwords in addresses, headers and assignments, and words
    of high entropy. Hexadecimal digests on their own stay, as commits and checksums are no secrets."""
    text = _PEM.sub("[private key removed]", text)
    for name, rule in _KNOWN_RULES:
        text = rule.sub(f"[{name} removed]", text)
    if "://" in text:
        text = _URL.sub(r"\g<head>[password removed]@", text)
    text = _HEADER.sub(r"\g<head>[credential removed]", text)
    text = _NAMED.sub(_named, text)
    text = _FLAG.sub(_named, text)
    text = _ASSIGNED.sub(_random_value, text)
    return _WORD.sub(lambda found: "[value removed]" if _random(found[0]) else found[0], text)


def surely_secret(text: str) -> bool:
    """Whether a text holds a known token, a private key, a password in an address or a word of high entropy.

    For code, in which `token = next(tokens)` is no secret: assignments count by their value only.
    """
    known = _PEM.search(text) or any(rule.search(text) for _, rule in _KNOWN_RULES) or _URL.search(text)
    assigned = any(_random(found["value"]) for found in _ASSIGNED.finditer(text))
    return bool(known) or assigned or any(_random(found[0]) for found in _WORD.finditer(text))


def _random_value(found: re.Match[str]) -> str:
    return found["head"] + "[value removed]" if _random(found["value"]) else found[0]


def _named(found: re.Match[str]) -> str:
    value = found["value"]
    if value.startswith("[") or value.strip("*'\"") in ("", "None", "null", "true", "false", "True", "False"):
        return found[0]
    return found["head"] + "[secret removed]"


def _random(word: str) -> bool:
    """Whether a word looks drawn at random: over 3.8 bits a character, digits and letters mixed, no digest."""
    if _HEX.match(word) or word.count("/") > len(word) // 8 or len(set(word)) < 12:
        return False
    kinds = any(c.isdigit() for c in word) + any(c.islower() for c in word) + any(c.isupper() for c in word)
    if kinds < 3:
        return False
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values()) > 3.8
