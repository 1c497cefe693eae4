"""Is a patch a repair? Tried in a sandbox of its own: the command fails in every run before it, in none after it."""

import shlex
from collections.abc import Sequence

from jobs.triage.inquiry.place import Opener, Place, git, prepared, said
from jobs.triage.inquiry.target import Target
from jobs.triage.inquiry.trial import Effort, Trial, run_once, try_often
from jobs.triage.patches import DECIDES_TESTS, PatchError, patched_paths
from jobs.triage.places import is_test
from jobs.triage.reproducing import last_part
from jobs.triage.secrets.redaction import surely_secret
from jobs.triage.untrusted import one_line, visible
from jobs.triage.verdict import Category, Repair
from jobs.triage.weakening import weakened

_MOST_BYTES = 200_000


class Unproven(ValueError):
    """The patch is left out of the verdict; the message says why."""


async def proven(opener: Opener, target: Target, patch: bytes, effort: Effort, category: Category) -> Repair:
    """The repair with its counts. Raises `Unproven`, and `SandboxError`."""
    diff = _readable(patch)
    touched = patched_paths(diff)
    tests = [path for path in touched if is_test(path) or path in target.test_files]
    if why := weakened(diff, target.names):
        raise Unproven(one_line(why, 300))
    if category is not Category.TEST_BUG and len(tests) == len(touched):
        raise Unproven("it changes tests only, and the tests are not what is wrong")
    place = await prepared(opener, "repair")
    try:
        before = await try_often(place, target, target.command, effort)
        if not before.failed or before.passed:
            raise Unproven(f"without it the command fails in {before.failed} of {before.told} runs")
        company = await _failing(place, target, effort)
        await _apply(place, diff)
        whole = await place.workspace.snapshot("patched")
        if category is not Category.TEST_BUG and tests:
            await _tests_as_they_were(place, tests)
            whole = await place.workspace.snapshot("patched, tests as they were")
        after = await try_often(place, target, target.command, effort, whole)
        if after.passed < effort.runs:
            raise Unproven(f"with it the command passes in {after.passed} of {len(after.runs)} runs only")
        if new := await _failing(place, target, effort) - company:
            raise Unproven(f"with it other tests fail: {one_line(', '.join(sorted(new)), 300)}")
    finally:
        await place.close()
    return _repair(diff, target, before, after)


async def _tests_as_they_were(place: Place, tests: Sequence[str]) -> None:
    """A patch must not pass by changing what it is measured with, nor by tests of its own. Raises `Unproven`."""
    for path in tests:
        known = await git(place, "cat-file", "-e", f"HEAD:{path}")
        back = ("checkout", "-q", "HEAD") if known.exit_code == 0 else ("clean", "-q", "-f", "-x")
        restored = await git(place, *back, "--", path)
        if restored.exit_code != 0:
            raise Unproven(f"{one_line(path, 100)} could not be put back: {one_line(said(restored), 200)}")


def _repair(diff: str, target: Target, before: Trial, after: Trial) -> Repair:
    return Repair(
        diff=diff,
        command=one_line(target.command, 1900),
        before_runs=before.told,
        before_failures=before.failed,
        after_runs=after.told,
        after_failures=after.failed,
    )


def _readable(patch: bytes) -> str:
    """The patch as text that may be shown. Raises `Unproven`."""
    if not patch.strip():
        raise Unproven("the model changed nothing")
    if len(patch) > _MOST_BYTES:
        raise Unproven(f"it has {len(patch):,} bytes; at most {_MOST_BYTES:,} are taken")
    try:
        diff = patch.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unproven("it is no UTF-8 text") from error
    try:
        touched = patched_paths(diff)
    except PatchError as error:
        raise Unproven(f"it is none that is read ({one_line(str(error), 200)})") from error
    if kept := [path for path in touched if DECIDES_TESTS.search(path) or path != one_line(path, 400)]:
        raise Unproven(f"it changes {one_line(kept[0], 100)}, which decides what is tested")
    if surely_secret(diff):
        raise Unproven("it holds what looks like a secret")
    if visible(diff) != diff:
        raise Unproven("it holds characters that cannot be seen")
    return diff


async def _apply(place: Place, diff: str) -> None:
    path = f"{place.sandbox.scratch}/repair.diff"
    await place.sandbox.write_file(path, diff.encode())
    applied = await git(place, "apply", "--whitespace=nowarn", path)
    await place.sandbox.run(f"rm -f {shlex.quote(path)}", timeout_s=30)
    if applied.exit_code != 0:
        raise Unproven(f"it does not apply to a fresh copy: {one_line(said(applied), 200)}")


async def _failing(place: Place, target: Target, effort: Effort) -> set[str]:
    """Names of the failing tests of the wider command, none without one."""
    if not target.wider:
        return set()
    run = await run_once(place, target, target.wider, effort.run_s())
    return {last_part(failure.name) for failure in run.failures if not failure.weak}
