"""Tokens and keys that their own form betrays; the forms are those that their issuers publish for scanners."""

import re
from collections.abc import Iterator

from jobs.triage.secrets.spans import Span

_WEB = r"[A-Za-z0-9_-]"
_FORMS = (
    ("GitHub token", r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}"),
    ("GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_.-]{16,}"),
    ("AWS key id", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"),
    (
        "webhook",
        r"https://(?:hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]+"
        r"|(?:\w+\.)?discord(?:app)?\.com/api/webhooks/[\w/-]+"
        r"|[\w-]+\.webhook\.office\.com/[\w/@-]+|chat\.googleapis\.com/v1/spaces/[^\s'\"]+)",
    ),
    ("API key", rf"sk-(?={_WEB}*\d){_WEB}{{16,}}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{{10,}}|whsec_[\w+/=]{{16,}}"),
    ("API key", rf"AIza{_WEB}{{30,}}|ya29\.{_WEB}{{20,}}|GOCSPX-{_WEB}{{20,}}|1//0{_WEB}{{30,}}"),
    ("API key", rf"SG\.{_WEB}{{10,}}\.{_WEB}{{10,}}|SK[0-9a-f]{{32}}(?![0-9a-f])|key-[0-9a-f]{{32}}(?![0-9a-f])"),
    ("API key", r"[0-9a-f]{32}-us\d{1,2}(?!\d)|NRAK-[A-Z0-9]{20,}|PMAK-[0-9a-f]{20,}-[0-9a-f]{20,}"),
    ("API key", r"dapi[0-9a-f]{32}(?:-\d)?|lin_api_[A-Za-z0-9]{20,}|pul-[0-9a-f]{32,}|r8_[A-Za-z0-9]{20,}"),
    ("API key", r"(?:gsk_|xai-)[A-Za-z0-9]{20,}|tskey-[a-z]+-[\w-]{16,}|ntn_\w{20,}|sq0[a-z]{3}-[\w-]{20,}"),
    ("API key", rf"ATATT3x{_WEB}{{20,}}=*|ATBB[A-Za-z0-9]{{20,}}|figd_{_WEB}{{20,}}|EAA[A-Za-z0-9]{{60,}}"),
    ("API key", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}|do[opr]_v1_[0-9a-f]{32,}|gl(?:sa|c)_[A-Za-z0-9+/=_]{20,}"),
    ("API key", rf"sntry[su]_{_WEB}{{20,}}[=/+\w]*|pscale_(?:tkn|pw|oauth)_{_WEB}{{20,}}"),
    ("Vault token", rf"hv[sbr]\.{_WEB}{{20,}}"),
    ("Terraform token", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_WEB}{{40,}}"),
    ("bot token", rf"\d{{8,10}}:AA{_WEB}{{33}}|[MNO][A-Za-z0-9]{{23,27}}\.{_WEB}{{6}}\.{_WEB}{{27,}}"),
    ("private key", r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    ("package token", rf"npm_[A-Za-z0-9]{{30,}}|pypi-{_WEB}{{30,}}|dckr_(?:pat|oat)_{_WEB}{{20,}}"),
    (
        "package token",
        r"hf_[A-Za-z0-9]{20,}|rubygems_[0-9a-f]{32,}|(?:cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43})(?![A-Za-z0-9])",
    ),
    ("JSON web token", rf"eyJ{_WEB}{{8,}}\.{_WEB}*\.{_WEB}*(?:\.{_WEB}*){{0,2}}|eyJ{_WEB}{{8,}}\.{_WEB}{{8,}}"),
)
# An underscore may stand before a token: names of files and variables end so.
_RULES = tuple((kind, re.compile(rf"(?<![A-Za-z0-9])(?:{form})")) for kind, form in _FORMS)

_HEAD = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_TAIL = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM = re.compile(rf"{_HEAD}.*?(?:{_TAIL}|\Z)", re.DOTALL)
_PEM_END = re.compile(_TAIL)
_PUTTY = re.compile(r"^Private-(?:Lines|MAC): .*?(?:^Private-MAC: .*?$|\Z)|^Private-MAC: .*$", re.DOTALL | re.MULTILINE)


def known(text: str) -> Iterator[Span]:
    """Every known token and private key of a text."""
    if "PRIVATE KEY" in text:
        yield from _keys(text)
    if "Private-" in text:
        yield from (Span(*found.span(), "private key") for found in _PUTTY.finditer(text))
    for kind, rule in _RULES:
        yield from (Span(*found.span(), kind) for found in rule.finditer(text))


def _keys(text: str) -> Iterator[Span]:
    done = 0
    for found in _PEM.finditer(text):
        yield Span(*found.span(), "private key")
    for found in _PEM_END.finditer(text):
        # The beginning was cut off: whatever stands before the end since the last key is taken for one.
        before = text.rfind("-----BEGIN", done, found.start())
        if before < 0:
            yield Span(done, found.end(), "private key")
        done = found.end()
