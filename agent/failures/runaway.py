"""Notices an answer that repeats itself without end, and reasoning over its budget, while the stream runs.

Qwen is reported to loop until max_tokens now and then, whatever the sampling (QwenLM/Qwen3.8 #145, #88).
"""

from dataclasses import dataclass, field

# Characters per token of English reasoning, rounded down (measured 4.45 on code).
CHARACTERS_PER_TOKEN = 4
# Of UTF-8, in any language: a character that takes three bytes takes more of a token, too.
BYTES_PER_TOKEN = 4.4
CHECK_EVERY = 1024
LONGEST_PATTERN = 600
REPETITIONS = 6
# A stretch shorter than this is a table or a list of like lines; words in a loop need to fill this many characters.
SHORTEST_STRETCH = 1200
# So much that is no words (a rule, zeros, "AAAA" in base64) is a loop, too: broken numbers in a server say "!!!!".
LONGEST_STRETCH = LONGEST_PATTERN * REPETITIONS
_FEWEST_LETTERS = 2
REPEATS = "the answer repeats itself"


def repeats(text: str) -> bool:
    """Whether the text ends in a loop: one pattern of at most 600 characters, said six times or more.

    The loop must fill 1,200 characters, or 3,600 when its pattern has fewer than two different letters.
    """
    tail = text[-LONGEST_STRETCH:]
    for length in range(1, LONGEST_PATTERN + 1):
        stretch = max(length * REPETITIONS, SHORTEST_STRETCH)
        if stretch > len(tail):
            break
        end = tail[-stretch:]
        if end[length:] != end[:-length]:
            continue
        letters = {character for character in end[:length] if character.isalpha()}
        # Longer patterns of the same text say nothing new: a loop of this one is a loop of its multiples.
        return len(letters) >= _FEWEST_LETTERS or (len(tail) == LONGEST_STRETCH and tail[length:] == tail[:-length])
    return False


def unrepeated(text: str) -> str:
    """The text with the loop at its end said once: what a looping answer leaves in the history would start the next."""
    tail = text[-LONGEST_STRETCH:]
    for length in range(1, LONGEST_PATTERN + 1):
        if length * REPETITIONS > len(tail):
            break
        stretch = length * (REPETITIONS - 1)
        if tail[-stretch:] == tail[-stretch - length : -length]:
            start = len(text) - stretch - length
            while start and text[start - 1] == text[start - 1 + length]:
                start -= 1
            return f"{text[: start + length]} […]"
    return text


@dataclass(slots=True)
class RunawayGuard:
    """Watches one answer. `budget` is the most reasoning tokens, 0 for any number.

    Tokens are counted as the larger of two low counts: pieces of the stream (one token or more each), and bytes.
    """

    budget: int
    _parts: list[str] = field(default_factory=list[str])
    _length: int = 0
    _reasoning: int = 0
    _pieces: int = 0
    _unchecked: int = 0

    def add(self, text: str, *, reasoning: bool) -> str | None:
        """Take a piece; returns why the answer should be cut, or None."""
        self._parts.append(text)
        self._length += len(text)
        self._unchecked += len(text)
        if reasoning:
            self._reasoning += len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
            self._pieces += 1
            if self.budget and max(self._pieces, self._reasoning / BYTES_PER_TOKEN) > self.budget:
                return f"reasoning passed its budget of {self.budget} tokens"
        if self._unchecked < CHECK_EVERY:
            return None
        self._unchecked = 0
        tail = "".join(self._parts)[-LONGEST_STRETCH:]
        self._parts = [tail]
        return REPEATS if repeats(tail) else None
