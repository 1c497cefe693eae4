"""Long pasted text stands in the editor as `[pasted 120 lines]` and is put back when the text is sent. Pure."""

import re
from dataclasses import dataclass, field

FOLDED_LINES = 12
FOLDED_CHARACTERS = 2000
_MARK = re.compile(r"\[pasted (?:[\d,]+) (?:lines|characters)(?: #(\d+))?\]")


@dataclass(slots=True)
class Pasted:
    """The texts behind the marks in the editor."""

    texts: dict[str, str] = field(default_factory=dict[str, str])

    def fold(self, text: str) -> str:
        """The mark for a long text; a short one as it is."""
        lines = text.count("\n") + (not text.endswith("\n"))
        if lines < FOLDED_LINES and len(text) < FOLDED_CHARACTERS:
            return text
        size = f"{lines:,} lines" if lines >= FOLDED_LINES else f"{len(text):,} characters"
        mark, number = f"[pasted {size}]", 2
        while mark in self.texts and self.texts[mark] != text:
            mark, number = f"[pasted {size} #{number}]", number + 1
        self.texts[mark] = text
        return mark

    def expand(self, text: str) -> str:
        """The text with every mark that stands for something replaced; a mark that a person typed stays."""
        return _MARK.sub(lambda match: self.texts.get(match.group(0), match.group(0)), text)
