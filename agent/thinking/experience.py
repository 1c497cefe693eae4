"""What a session teaches: how often its steps without thought failed, by kind, and the pace that follows.

The memory is a string of at most 24 letters, one for each direct step, the newest last: r read, e edit, c command,
t test, a answer that could not be used; a capital letter for one that failed. It is judged against what is usual for
steps of these kinds, so a failing test run counts for less than a failing edit.
"""

from collections import Counter
from typing import Literal, TypeAlias

from agent.thinking.signals import Outcome, Pace

StepKind: TypeAlias = Literal["read", "edit", "command", "test", "answer"]

WINDOW = 24
_LETTERS: dict[StepKind, str] = {"read": "r", "edit": "e", "command": "c", "test": "t", "answer": "a"}
_NAMES: dict[str, tuple[str, str]] = {
    "r": ("read", "reads"),
    "e": ("edit", "edits"),
    "c": ("command", "commands"),
    "t": ("test run", "test runs"),
    "a": ("answer", "answers"),
}
# Shares of failed steps over 20,163 steps of 500 public SWE-bench runs (mini-swe-agent 1.15, gruckion/mini-swe-agent);
# unusable answers: the best tool error rate that was reported for the family is 5.6 % (dehydratedwater.dev).
USUAL_FAILURES: dict[str, float] = {"r": 0.04, "e": 0.02, "c": 0.14, "t": 0.29, "a": 0.056}

# Between the two lines of a pair the pace stays what it is.
CAREFUL_FROM, CAREFUL_UNTIL = 2.0, 0.5
FEWEST_FAILURES = 3
RELAXED_FROM = 1.0

TROUBLE_WINDOW = 4


def learned(memory: str, kind: StepKind, *, failed: bool) -> str:
    """The memory with one more direct step in it."""
    letter = _LETTERS[kind]
    return (memory + (letter.upper() if failed else letter))[-WINDOW:]


def excess(memory: str) -> tuple[int, float]:
    """Failures in the memory, and how many of them are more than usual."""
    failures = sum(letter.isupper() for letter in memory)
    return failures, failures - sum(USUAL_FAILURES.get(letter.lower(), 0.0) for letter in memory)


def next_pace(pace: Pace, memory: str) -> Pace:
    """The pace after the newest step. Entered late and left late, so that it does not go to and fro.

    Careful: three failures or more, two more than usual, until they are half a failure above the usual. Relaxed: none
    failed where one would have been usual, until one fails.
    """
    failures, more = excess(memory)
    if (failures >= FEWEST_FAILURES and more >= CAREFUL_FROM) or (pace == "careful" and more > CAREFUL_UNTIL):
        return "careful"
    if failures == 0 and -more >= RELAXED_FROM:
        return "relaxed"
    return "usual"


def in_words(memory: str) -> str:
    """The memory for people: "5 of the last 14 direct steps failed here: 3 edits, 2 commands"."""
    failed = Counter(letter.lower() for letter in memory if letter.isupper())
    if not failed:
        return f"none of the last {len(memory)} direct steps failed here"
    kinds = ", ".join(f"{count} {_NAMES[letter][count > 1]}" for letter, count in failed.most_common())
    return f"{failed.total()} of the last {len(memory)} direct steps failed here: {kinds}"


def kind_in_words(letter: str) -> str:
    """The kind of step that a letter stands for."""
    return _NAMES[letter][1]


def remembered(recent: str, outcome: Outcome) -> str:
    """Outcomes of the last four steps, thinking or not: x for one that failed."""
    return (recent + ("x" if outcome in ("failed", "test_failed") else "."))[-TROUBLE_WINDOW:]
