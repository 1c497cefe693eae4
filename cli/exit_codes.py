"""Exit codes: documented, stable (`docs/cli.md`)."""

DONE = 0
FAILED = 1
USAGE = 2
ENDPOINT = 3
SANDBOX = 4
LIMIT = 5
TRY_AGAIN = 75
INTERRUPTED = 130

OF_VERDICT = {
    "not_reproducible": DONE,
    "bug": 10,
    "regression": 11,
    "flaky": 12,
    "test_bug": 13,
    "infrastructure": 14,
    "dependency": 15,
    "configuration": 16,
}
"""Of `qwright triage`, by the verdict's category (`docs/triage.md`)."""
