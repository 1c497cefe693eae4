"""Secrets where requests carry them: headers, addresses, parameters of a query, arguments of programs."""

import re
from collections.abc import Iterator

from jobs.triage.secrets.spans import Span, removed_at

_AUTHORIZATION = re.compile(
    r"(?P<quote>['\"]?)\b(?:proxy-|x-)?authorization\b\\{0,3}['\"]?\s{0,20}(?:[:=]|=>|,)\s{0,20}\\{0,3}(?P<inner>['\"]?)"
    r"(?:(?:basic|bearer|token|negotiate|digest|apikey|aws4-hmac-sha256)\s{1,4})?(?P<value>[^\s'\"\\][^\n]*)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\bbearer\s{1,4}(?P<value>[A-Za-z0-9+/_=.~-]{6,})", re.IGNORECASE)
_COOKIE = re.compile(
    r"(?P<quote>['\"]?)\b(?:set-)?cookie2?\\{0,3}['\"]?\s{0,20}[:=]\s{0,20}\\{0,3}(?P<inner>['\"]?)"
    r"(?P<value>[^\s=;'\",]{1,200}=[^\n]*)",
    re.IGNORECASE,
)
# The last @ before the path ends the password, which may hold any of the signs that it should not.
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,30}:\\?/\\?/(?P<value>[^\s/@:'\"<>]{0,256}:(?!/|\d{1,5}[/?#])[^\s\"<>]{0,512}(?=@[\w\[])"
    r"|[^\s/@:'\"<>]{1,512}(?=@[\w\[]))",
    re.IGNORECASE,
)
_LOGIN_NAME = re.compile(r"[a-z]{1,12}")
_ORACLE = re.compile(r"\bjdbc:oracle:\w{1,10}:[^/\s@]{1,100}/(?P<value>[^\s@]{1,200})@", re.IGNORECASE)
_QUERY = re.compile(
    r"[?&#;](?:amp;)?(?:sig|signature|x-\w{1,6}-(?:signature|security-token|credential)|code|key|api_?key|auth|[a-z_]{0,20}token"
    r"|[a-z_]{0,20}secret|[a-z_]{0,20}password|pwd|assertion|awsaccesskeyid)=(?P<value>[^\s&#'\"<>]{3,})",
    re.IGNORECASE,
)
_ENCODED = re.compile(
    r"(?:password|passwd|secret|token|api_?key)[\w.-]{0,40}%(?:25)?(?:3D|3A)(?P<value>[^\s&%'\"]{3,})", re.IGNORECASE
)
_PROGRAM = r"\b(?:curl|http|https|xh|wget)\b[^\n]{0,300}?\s"
_CURL = re.compile(
    rf"{_PROGRAM}(?:-[A-Za-z]{{0,8}}u|-U|--user|--proxy-user)[ =]?\s{{0,4}}"
    r"(?P<value>'[^'\n]+'?|\"[^\"\n]+\"?|[^\s'\"]+:[^\s'\"]+)"
)
_CURL_COOKIE = re.compile(
    rf"{_PROGRAM}(?:-b|--cookie)[ =]\s{{0,4}}(?P<value>'[^'\n]+'?|\"[^\"\n]+\"?|[^\s'\"=]+=[^\s'\"]+)"
)
_PASSED = (
    re.compile(r"\bsshpass\s{1,4}-p\s{0,4}(?P<value>\S+)"),
    re.compile(
        r"\b(?:docker|podman|buildah|skopeo|helm|oras|crane|az|oc)\b[^\n]{0,60}?\blogin\b[^\n]{0,200}?\s-p\s{0,4}(?P<value>[^\s-]\S*)"
    ),
    re.compile(r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{0,200}?\s-p(?P<value>[^\s]+)"),
    re.compile(r"\bopenssl\b[^\n]{0,200}?\bpass:(?P<value>\S+)"),
)


def sent(text: str) -> Iterator[Span]:
    """Every secret that a request or a command line of a text carries."""
    yield from _lines(text, _AUTHORIZATION)
    yield from _lines(text, _COOKIE)
    if "//" in text or "\\/" in text:
        for found in _URL.finditer(text):
            if not _LOGIN_NAME.fullmatch(found["value"]):
                yield Span(*found.span("value"), "password")
    for rule in (_BEARER, _ORACLE, _QUERY, _ENCODED, *_PASSED):
        for found in rule.finditer(text):
            if not removed_at(text, found.start("value")) and not found["value"].startswith(("$", "{", "*")):
                yield Span(*found.span("value"), "credential")
    for rule in (_CURL, _CURL_COOKIE):
        for found in rule.finditer(text):
            if not removed_at(text, found.start("value")):
                yield Span(*found.span("value"), "credential")


def _lines(text: str, rule: re.Pattern[str]) -> Iterator[Span]:
    """The rest of the line, or of the quotes in which the header or its value stands."""
    for found in rule.finditer(text):
        start, end = found.span("value")
        quote = found["inner"] or found["quote"]
        if quote and (closed := _closing(text, quote, start, end)) > 0:
            end = closed
        if not removed_at(text, start) and not _says_nothing(text[start:end]):
            yield Span(start, end, "credential")


def _closing(text: str, quote: str, start: int, end: int) -> int:
    at = text.find(quote, start, end)
    while at > 0 and text[at - 1] == "\\" and text[at - 2] != "\\":
        at = text.find(quote, at + 1, end)
    return at


def _says_nothing(value: str) -> bool:
    return len(value) < 3 or value.startswith(("*", "$", "{", "None", "null"))
