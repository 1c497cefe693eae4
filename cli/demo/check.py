"""The result is checked, not believed: the patch on a fresh copy, the original tests, a new sandbox."""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

from cli.demo import material
from cli.place import PlaceSpec, open_place
from sandboxes.tree.apply import apply_patch

_TIMEOUT_S = 120
_COUNT = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """`passed` tests when `green`; `said` is the tests' own output, or why they could not be run."""

    green: bool
    passed: int
    said: str


async def check(place: PlaceSpec, patch: bytes, directory: Path) -> Checked:
    """Run the tests on a fresh copy with the patch applied, in a sandbox like `place`. Raises `SandboxError`."""
    repo = await material.lay_out(directory / "check")
    applied = await apply_patch(repo, patch)
    if not applied.applied:
        return Checked(green=False, passed=0, said=" ".join(applied.problems))
    await asyncio.to_thread(material.restore_tests, repo)
    spec = replace(place, repo=str(repo))
    fresh = await open_place(spec, f"{directory.name}-check", directory / "store", lambda _note: None)
    try:
        result = await fresh.sandbox.run(material.TEST_COMMAND, timeout_s=_TIMEOUT_S)
    finally:
        await asyncio.shield(fresh.close())
    said = (result.head + result.tail).decode("utf-8", "replace")
    return judged(result.exit_code, said)


def judged(exit_code: int | None, said: str) -> Checked:
    """The verdict on a test run: green needs exit code 0 and at least one test that ran."""
    count = _COUNT.search(said)
    ran = int(count[1]) if count else 0
    green = exit_code == 0 and ran > 0
    return Checked(green, ran if green else 0, said.strip())
