"""Notices an answer that repeats itself without end, and reasoning over its budget, while the stream runs.

Qwen is reported to loop until max_tokens now and then, whatever the sampling (QwenLM/Qwen3.8 #145, #88).
"""

from dataclasses import dataclass, field

# Characters per token of English reasoning, rounded down so that a budget is not cut short (measured 4.45 on code).
CHARACTERS_PER_TOKEN = 4
CHECK_EVERY = 1024
LONGEST_PATTERN = 600
REPETITIONS = 6
SHORTEST_STRETCH = 600


def repeats(text: str) -> bool:
    """Whether the text ends in one pattern, at most 600 characters long, said at least six times over 600 characters.

    Code and tables repeat short patterns too (rules, blank lines), so a stretch must hold letters to count.
    """
    tail = text[-LONGEST_PATTERN * REPETITIONS :]
    for length in range(2, LONGEST_PATTERN + 1):
        stretch = max(length * REPETITIONS, SHORTEST_STRETCH)
        if stretch > len(tail):
            break
        end = tail[-stretch:]
        if end[length:] == end[:-length] and any(character.isalpha() for character in end[:length]):
            return True
    return False


@dataclass(slots=True)
class RunawayGuard:
    """Watches one answer. `budget` is the most reasoning tokens, 0 for any number."""

    budget: int
    _parts: list[str] = field(default_factory=list[str])
    _length: int = 0
    _reasoning: int = 0
    _unchecked: int = 0

    def add(self, text: str, *, reasoning: bool) -> str | None:
        """Take a piece; returns why the answer should be cut, or None."""
        self._parts.append(text)
        self._length += len(text)
        self._unchecked += len(text)
        if reasoning:
            self._reasoning += len(text)
            if self.budget and self._reasoning > self.budget * CHARACTERS_PER_TOKEN:
                return f"reasoning passed its budget of {self.budget} tokens"
        if self._unchecked < CHECK_EVERY:
            return None
        self._unchecked = 0
        tail = "".join(self._parts)[-LONGEST_PATTERN * REPETITIONS :]
        self._parts = [tail]
        return "the answer repeats itself" if repeats(tail) else None
