"""Runs the tests that the attempts brought along on each of their patches, in fresh places."""

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.batch.choose.choice import Candidate
from jobs.batch.choose.suites import Suite
from jobs.batch.instance import session_prefix
from jobs.batch.place import Opener
from jobs.batch.rows import Instance
from sandboxes.errors import SandboxError
from sandboxes.protocol import Sandbox

_logger = logging.getLogger(__name__)
# Files of an earlier suite must not stay; what the image ignores (its build) must.
_BEGIN = "git checkout -q -- . && git clean -qfd && git apply {source}"


@dataclass(frozen=True, slots=True)
class Bench:
    """`timeout_s` is for one command."""

    places: Opener
    timeout_s: float = 300.0

    async def results(self, instance: Instance, candidate: Candidate, suites: Sequence[Suite]) -> list[bool] | None:
        """Whether each suite goes well with the candidate's source changes; None when there was no place to try it.

        An attempt's tests that do not apply, or that fail or take too long, did not go well.
        """
        session_id = session_prefix(instance.instance_id) + secrets.token_hex(4)
        with tempfile.TemporaryDirectory() as folder:
            try:
                place = await self.places.fresh(instance, session_id, Path(folder))
                try:
                    return [await self._one(place.sandbox, candidate, suite) for suite in suites]
                finally:
                    await asyncio.shield(place.close())
            except SandboxError as error:
                _logger.warning("%s: %s could not be tried", instance.instance_id, candidate.attempt, exc_info=error)
                return None

    async def done(self, instance: Instance) -> None:
        """No more tests are run on this instance."""
        await self.places.done(instance)

    async def _one(self, sandbox: Sandbox, candidate: Candidate, suite: Suite) -> bool:
        source, tests = (f"{sandbox.scratch}/{name}.diff" for name in ("source", "tests"))
        await sandbox.write_file(source, candidate.parts.source.encode("utf-8", "surrogateescape"))
        await sandbox.write_file(tests, suite.tests.encode("utf-8", "surrogateescape"))
        begin = _BEGIN.format(source=source) + (f" && git apply {tests}" if suite.tests else "")
        if not await self._well(sandbox, begin):
            return False
        for command in suite.commands:
            if not await self._well(sandbox, command):
                return False
        return True

    async def _well(self, sandbox: Sandbox, command: str) -> bool:
        """A pipe must not hide that the tests failed (`pytest | tail`)."""
        script = f"{sandbox.scratch}/suite.sh"
        await sandbox.write_file(script, f"set -o pipefail\ncd '{sandbox.workdir}' || exit 1\n{command}\n".encode())
        done = await sandbox.run(f"bash {script}", timeout_s=self.timeout_s)
        return done.exit_code == 0 and not done.timed_out
