"""The one way by which text of a log, a test or an issue enters a verdict."""

import re
import unicodedata

from agent.control_tokens import neutralised
from jobs.triage.lines import without_ansi
from jobs.triage.secrets.redaction import LONGEST, redacted

LONGEST_QUOTE = 400
# Beyond the limit, before signs that show nothing and secrets are taken out: room for the longest of these, twice.
_LOOKED_AT = 2 * LONGEST
_COMMAND = re.compile(r"(?:(?<=\s)|(?<=^))::(?=[A-Za-z])")
_LOGGING = re.compile(r"##(?=\[|vso\[)")
_KEPT = "\n\t"
# Printable by category, and yet blank: fillers, vowels without sound, variation selectors (they can carry bytes).
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def tame(text: str, limit: int = LONGEST_QUOTE) -> str:
    """Text as data: no ANSI, no hidden or direction-changing characters, no secrets, no control tokens, no workflow
    commands, no HTML comments; cut at `limit` characters with a note of how much is missing.

    However long the text is, the work goes with the limit: `_LOOKED_AT` says how much behind it is looked at.
    """
    seen = text[: limit + _LOOKED_AT]
    unseen = len(text) - len(seen)
    shown = visible(without_ansi(seen))
    # Where the text goes on unseen, its end may be the first part of a secret that nothing would know any more.
    end = max(len(shown) - LONGEST, 0) if unseen else len(shown)
    clean = _inert(redacted(shown, min(limit, end)))
    left_out = unseen + max(len(shown) - min(limit, end), 0)
    kept = clean[:limit]
    missing = left_out + len(clean) - len(kept)
    return f"{kept} [… {missing:,} characters more]" if missing else kept


def _inert(text: str) -> str:
    text = _LOGGING.sub("# #", _COMMAND.sub(": :", neutralised_once(text)))
    return text.replace("<!--", "<! --").replace("--!>", "-- >").replace("-->", "-- >")


def neutralised_once(text: str) -> str:
    """Control tokens of the model's vocabulary as plain text; what is so already stays."""
    return text if "<" not in text else re.sub(r"<\\+(?=[|/A-Za-z])", r"<\\", neutralised(text))


def visible(text: str) -> str:
    """Without characters that show nothing, turn the direction of writing, or drive a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return _BLANK.sub("", "".join(c for c in text if c in _KEPT or c.isprintable() or _is_space(c)))


def _is_space(char: str) -> bool:
    return unicodedata.category(char) == "Zs"


def one_line(text: str, limit: int = 200) -> str:
    """`tame` on one line."""
    return tame(" ".join(text.split()), limit)
