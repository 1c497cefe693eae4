"""Exit codes: documented, stable (`docs/cli.md`)."""

DONE = 0
FAILED = 1
USAGE = 2
ENDPOINT = 3
SANDBOX = 4
LIMIT = 5
TRY_AGAIN = 75
INTERRUPTED = 130
