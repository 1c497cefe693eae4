"""One patch on trial: a fresh container, the patch, the row's `eval_script`, its log."""

import asyncio
import hashlib
import io
import logging
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.batch.errors import BatchError
from jobs.batch.grading import Grade, with_exit_code
from jobs.batch.log_labels import Tier, label_of
from jobs.batch.place import TESTBED, Images
from jobs.batch.rows import GradedInstance
from jobs.batch.rules import Rules, rules_for
from jobs.batch.store import replace_file
from sandboxes.errors import SandboxError
from sandboxes.protocol import Limits, Sandbox, SandboxSpec

_logger = logging.getLogger(__name__)
Verdict: TypeAlias = Literal["resolved", "unresolved", "error", "empty_patch", "infra_failure"]
SESSION_PREFIX = "evaluate-"
# The official chain; whatever a failed way left is undone before the next.
_APPLY = """\
cd {workdir} || exit 1
for way in 'git apply --verbose' 'git apply --verbose --3way' 'git apply --verbose --reject' \\
    'patch --batch --forward --fuzz=5 -p1 -i'; do
  $way {patch} && exit 0
  git checkout -q -- . && git clean -qfd
done
exit 1
"""


class Result(BaseModel):
    """`result.json`: what a patch came to. `key` is a hash of all that decides it, `graded_by` whose rules decided.

    `label` says what the log of an unresolved run shows to be broken, and `tier` how sure that is (`log_labels`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    instance_id: str
    key: str
    verdict: Verdict
    reason: str = ""
    applied: bool = False
    grade: Grade | None = None
    label: str = ""
    tier: Tier | None = None
    graded_by: str = ""


TOOK_LONGER = "the tests took longer"


def key_of(row: GradedInstance, patch: str) -> str:
    """The hash by which a result is found again: the same patch on the same row and image."""
    text = "\0".join([row.model_dump_json(exclude={"patch"}), patch])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def known_result(folder: Path, key: str) -> Result | None:
    """The result of an earlier call, None when there is none or it was the machine's fault."""
    try:
        result = Result.model_validate_json((folder / "result.json").read_bytes())
    except (OSError, ValidationError):
        return None
    # How long the tests may take is no part of the key: another call may give them more.
    again = result.verdict == "infra_failure" or result.reason.startswith(TOOK_LONGER)
    return None if again or result.key != key else result


def user_of(row: GradedInstance) -> str:
    """What a stock of images knows a trial by, which may stand beside a run of the same instance."""
    return SESSION_PREFIX + row.instance_id


async def try_patch(
    row: GradedInstance, patch: str, folder: Path, limits: Limits, timeout_s: float, images: Images | None = None
) -> Result:
    """Grade one patch; an empty one is run too. A log parser or image that is not at hand is the machine's fault."""
    key, name = key_of(row, patch), row.instance_id
    try:
        rules = await asyncio.to_thread(rules_for, row)
        if images is not None:
            await images.need(row.container_image, user_of(row))
        applied, log, timed_out = await _run(row, patch, limits, timeout_s)
    except (SandboxError, BatchError) as error:
        _logger.warning("%s could not be graded", name, exc_info=error)
        result = Result(instance_id=name, key=key, verdict="infra_failure", reason=str(error))
    else:
        replace_file(folder / "test_output.txt", log)
        result = judged(row, key, rules, text_of(log), applied=applied)
        if applied and timed_out:
            reason = f"{TOOK_LONGER} than {timeout_s:g} s"
            result = result.model_copy(update={"verdict": "error", "reason": reason, "grade": None})
    replace_file(folder / "patch.diff", patch.encode("utf-8", "surrogateescape"))
    replace_file(folder / "result.json", result.model_dump_json(indent=1).encode() + b"\n")
    return result


def text_of(log: bytes) -> str:
    """A log as the official harness reads it: each line end a newline, also a lone carriage return."""
    return io.TextIOWrapper(io.BytesIO(log), "utf-8", "replace").read()


def judged(row: GradedInstance, key: str, rules: Rules, log: str, *, applied: bool) -> Result:
    """The result by what the log says. A parser that cannot bear the log is no verdict on the patch."""
    name = row.instance_id
    if not applied:
        return Result(instance_id=name, key=key, verdict="error", reason="the patch does not apply")
    known = Result(instance_id=name, key=key, verdict="unresolved", applied=True, graded_by=rules.name)
    try:
        graded = rules.grade(log)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        _logger.warning("%s: the log parser failed", name, exc_info=error)
        reason = f"the log parser {row.log_parser} failed on this log ({type(error).__name__}: {error})"
        return known.model_copy(update={"verdict": "infra_failure", "reason": reason})
    if graded.resolved:
        return known.model_copy(update={"verdict": "resolved", "grade": graded})
    told = {"grade": graded, "reason": "" if graded.told else "the log does not tell how the tests went"}
    label = label_of(log)
    return known.model_copy(update={**told, "label": label.reason, "tier": label.tier} if label else told)


async def _run(row: GradedInstance, patch: str, limits: Limits, timeout_s: float) -> tuple[bool, bytes, bool]:
    """Whether the patch applied, the log, and whether time ran out."""
    from sandboxes.container.sandbox import DockerSandbox

    spec = SandboxSpec(row.container_image, TESTBED, "none", limits, session_id=user_of(row))
    sandbox = DockerSandbox(spec)
    await sandbox.start()
    try:
        if patch.strip():
            applied, said = await _apply(sandbox, patch if patch.endswith("\n") else patch + "\n")
            if not applied:
                return False, said, False
        script, output = f"{sandbox.scratch}/eval.sh", f"{sandbox.scratch}/eval.log"
        await sandbox.write_file(script, with_exit_code(row.eval_script).encode())
        # Standard error has the markers (`set -x`): both streams must come as one, in order.
        done = await sandbox.run(f"cd / && bash {script} > {output} 2>&1", timeout_s=timeout_s)
        return True, (await sandbox.read_file(output)).data, done.timed_out
    finally:
        await asyncio.shield(sandbox.close())


async def _apply(sandbox: Sandbox, patch: str) -> tuple[bool, bytes]:
    path, script = f"{sandbox.scratch}/patch.diff", f"{sandbox.scratch}/apply.sh"
    await sandbox.write_file(path, patch.encode("utf-8", "surrogateescape"))
    await sandbox.write_file(script, _APPLY.format(workdir=TESTBED, patch=path).encode())
    done = await sandbox.run(f"bash {script}", timeout_s=300)
    return done.exit_code == 0, done.head + done.tail
