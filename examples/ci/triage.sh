#!/usr/bin/env bash
# usage: triage.sh VERDICT.json LOG-OR-REPORT...
# The reading job for any CI: an environment made anew, so that no token of the job is in reach, and the verdict in a file.
# Set QWRIGHT_BASE_URL (and QWRIGHT_API_KEY) for the model, TRIAGE_IMAGE for the container, TRIAGE_REPO for the repository (.),
# TRIAGE_OWNERS for CODEOWNERS of a revision you trust.
set -euo pipefail
verdict=$1
shift
words=(triage --format json --repo "${TRIAGE_REPO:-.}")
[ -z "${TRIAGE_OWNERS:-}" ] || words+=(--owners "$TRIAGE_OWNERS")
[ -n "${QWRIGHT_BASE_URL:-}" ] || words+=(--no-model)
[ -z "${TRIAGE_IMAGE:-}" ] || words+=(--image "$TRIAGE_IMAGE" --runs "${TRIAGE_RUNS:-5}")
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
clean=(env -i "PATH=$PATH" "HOME=$state" LANG=C.UTF-8 "QWRIGHT_STATE_DIR=$state")
for name in DOCKER_HOST QWRIGHT_BASE_URL QWRIGHT_MODEL QWRIGHT_API_KEY; do
  [ -z "${!name:-}" ] || clean+=("$name=${!name}")
done
code=0
"${clean[@]}" qwright "${words[@]}" -- "$@" > "$verdict" || code=$?
case $code in
  0 | 1[0-6]) echo "verdict: $verdict (exit code $code)" ;;
  *) exit "$code" ;;
esac
