"""Values whose names say that they are secret: assignments of any language, flags, elements, fields of files."""

import re
from collections.abc import Iterator

from jobs.triage.secrets.spans import REMOVED, Span, removed_at

_WORDS = (
    r"passw(?:or)?d|passwd|passphrase|secret|token|api[_-]?key|(?:access|account|private|signing|encryption|master"
    r"|session|shared|storage|license|signature)[_-]?(?:access[_-]?)?key|credentials?|client-key-data|(?<=[_;-])pwd"
    r"|(?<=; )pwd|(?<![A-Za-z0-9])(?:_?auth|pat)(?![A-Za-z0-9])"
)
_VALUE = (
    # In escaped quotes, in quotes, in none; of the last the delimiters count where no blank and no next name follows.
    r"\\{1,4}[\"'](?:[^\"'\\\n]|\\(?![\\\"']))+(?:\\{1,4}[\"'])?"
    r"|\"(?:[^\"\\\n]|\\.)+\"?|'(?:[^'\\\n]|\\.)+'?"
    r"|(?:[^\s'\",;&)\]}<]|[,;&)\]}<](?=[^\s'\",;&)\]}<])(?![\w.-]{1,40}=))+"
)
_TYPE = r"(?:\s{0,4}:\s{0,4}(?:Optional\[)?&?[sS]tr(?:ing)?\]?(?:\s?\|\s?None)?(?=\s{0,4}=))?"
# A list, a block scalar of YAML or a line of its own may stand between the name and its value.
_OPENING = r"(?:[|>][+-]?\d?\s{1,40}|[\[({]\s{0,4}(?:\w{1,20}\s{0,4}[:=]\s{0,4})?)?"
_NAMED = re.compile(
    rf"(?:{_WORDS})(?P<tail>[\w.-]{{0,64}})(?:\\{{1,4}}|\])?['\"`]?{_TYPE}"
    rf"(?P<sign>\s{{0,20}}(?:=>|:=|=(?!=)|:(?![:=]))\s{{0,40}})(?!{REMOVED.pattern}){_OPENING}"
    rf"(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?<![\w-])--?[\w-]{0,40}?(?:password|passwd|passphrase|token|secret|api-?key)['\",]{0,3}[ =]\s{0,4}"
    r"(?P<value>'[^'\n]+'?|\"[^\"\n]+\"?|[^\s'\"]{3,})",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"\bname\\?['\"]?\s{{0,4}}[:=]\s{{0,4}}\\?['\"]?[\w.-]{{0,64}}(?:{_WORDS})[\w.-]{{0,64}}\\?['\"]?\s{{0,4}},?\s{{0,40}}"
    rf"\\?['\"]?value\\?['\"]?\s{{0,4}}[:=]\s{{0,4}}(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_ELEMENT = re.compile(rf"<[\w:.-]{{0,64}}(?:{_WORDS})[\w:.-]{{0,64}}>\s{{0,20}}(?P<value>[^<\s][^<]*)", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\b(?:password|passphrase|secret|token)\s(?:is|to|was|=)\s(?P<value>'[^'\n]+'?|\"[^\"\n]+\"?|\S*\d\S*)",
    re.IGNORECASE,
)
_NETRC = re.compile(
    r"(?:\blogin\s{1,20}\S{1,200}\s{1,20}password\s{1,20}|^[\s\d:.,TZ+-]{0,60}password[ \t]{1,20})"
    r"(?P<value>\S+)(?=\s|$)",
    re.IGNORECASE | re.MULTILINE,
)
_PHRASE = re.compile(r"passphrase['\"]?\s{0,4}[:=]\s{0,4}(?P<value>[^\s'\"][^\n'\"]*)", re.IGNORECASE)
_MASK = re.compile(
    r"(?:::add-mask::|##vso\[task\.setvariable [^\]\n]{0,200}issecret=true[^\]\n]{0,200}\])(?P<value>[^\s\[][^\n]*)"
)
_OTHERS = (_FLAG, _PAIR, _ELEMENT, _SENTENCE, _NETRC, _PHRASE, _MASK)

# What a name's last part makes of it: the name of a secret, its place, its size, an error about it.
_TELLS_ABOUT = re.compile(
    r"(?:^|[_.-])(?:counts?|len(?:gth)?|size|limit|min|max|budget|usage|used|names?|type|kind|file|filename|path|url|uri"
    r"|endpoint|policy|expir\w*|ttl|age|at|per|rate|field|label|index|position|ref|required|enabled|status|class|total)$"
    r"|(?:length|count|size|limit|name|type|file|path|url|policy|error|exception|warning|failure|test|tests|ize|izer"
    r"|ization|izers|ized)$"
    r"|\.(?:py|go|rs|js|ts|jsx|tsx|java|kt|rb|c|h|cc|cpp|hpp|cs|php|swift|scala|ex|exs|md|json|ya?ml|toml|txt|html|feature|spec)$"
    r"|\.py[.\w]*$",
    re.IGNORECASE,
)
_IDENTIFIES = re.compile(r"^[_-]?ids?$", re.IGNORECASE)
_NUMBERS = re.compile(r"[\d.,_]+%?:?")
_COUNTED = re.compile(r"(?:tokens?|keys?|secrets?|credentials?)$", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"\**|none|null|nil|true|false|yes|no|undefined|empty|unset|set|str|string|int|bytes|bool|secretstr|bearer|basic"
    r"|required|missing|invalid|incorrect|wrong|expired|mismatch|changed|redacted|masked|hidden|x{3,}|\.{3,}|…+"
    r"|(?-i:\$[A-Z_][A-Z0-9_]*)|\$?\$\{.*|\$\(.*|%\w+%|\{\{.*|must|not|is|was|cannot|the|does|for|and|has|no",
    re.IGNORECASE | re.DOTALL,
)
_CALL = re.compile(
    r"(?:await\s)?(?:[a-z_]\w*\.)*[a-z_]\w*\((?:[\w.]*)$|(?:self|cls|os|settings|config|args|options)\.[\w.]+(?:\[.*)?$"
)


def named(text: str) -> Iterator[Span]:
    """Every value of a text that its name calls secret."""
    for found in _NAMED.finditer(text):
        if not _about(found) and _tells(found["value"]) and not removed_at(text, found.start("value")):
            yield Span(*found.span("value"), "secret")
    for rule in _OTHERS:
        for found in rule.finditer(text):
            if _tells(found["value"]) and not removed_at(text, found.start("value")):
                yield Span(*found.span("value"), "secret")


def _about(found: re.Match[str]) -> bool:
    """Whether the name only tells about a secret, or is none: a file with a line, a count, a call in code."""
    tail, value = found["tail"], found["value"]
    word = found[0][: found.start("tail") - found.start()]
    if _TELLS_ABOUT.search(tail):
        return True
    counted = _COUNTED.search(word + tail) is not None and word.lower() not in ("password", "passwd")
    if counted and _NUMBERS.fullmatch(value):
        return True
    if counted and tail == "s" and value.isalpha() and value.islower():
        return True
    if _IDENTIFIES.match(tail) and word.lower() != "secret":
        return True
    return _CALL.match(value) is not None and "=" in found["sign"]


def _tells(value: str) -> bool:
    bare = value.strip("\\'\"`")
    return len(bare) >= 3 and _SAYS_NOTHING.fullmatch(bare) is None
