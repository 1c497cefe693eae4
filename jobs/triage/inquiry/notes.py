"""Notes that tell of trouble with the machine: the same inquiry may give more at another time."""

from jobs.triage.verdict import Verdict

UNASKED = "The model could not be asked"
NO_SANDBOX = "Nothing could be run"
SANDBOX_FAILED = "The inquiry stopped early"
BROKE_OFF = "The inquiry broke off by an error of qwright's own"


def worth_another_try(verdict: Verdict) -> bool:
    """Whether the server, the sandbox or an error of ours kept the verdict from being what it could be."""
    return any(note.startswith((UNASKED, NO_SANDBOX, SANDBOX_FAILED, BROKE_OFF)) for note in verdict.notes)
