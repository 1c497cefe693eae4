"""All patches of a file on trial, and the report in the official harness's schema, version 2."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import JsonObject, JsonValue
from jobs.batch.place import Images
from jobs.batch.predictions import load_predictions
from jobs.batch.rows import GradedInstance
from jobs.batch.store import replace_file
from jobs.batch.trial import Result, key_of, known_result, try_patch, user_of
from jobs.batch.workers import Fixed, run_all
from sandboxes.protocol import Limits

EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`empty_runs`: whether empty patches are run, as a check of the rows, or only counted.

    Without `images` an image that is not here is pulled when a container starts, and stays.
    """

    rows: Sequence[GradedInstance]
    patches: Mapping[str, str]
    out: Path
    limits: Limits
    timeout_s: float
    workers: int
    say: Callable[[str], None]
    empty_runs: bool = False
    images: Images | None = None

    def to_run(self) -> list[GradedInstance]:
        """The rows that need a container: with a patch, and no result yet."""
        given = [row for row in self.rows if row.instance_id in self.patches]
        return [row for row in given if self._known(row) is None]

    async def run(self) -> list[Result]:
        """Grade what has a patch and no result yet; results in the order of the rows."""
        results: dict[str, Result] = {}
        given = [row for row in self.rows if row.instance_id in self.patches]

        async def one(row: GradedInstance) -> None:
            result = await self._result(row)
            results[row.instance_id] = result
            why = f" ({result.reason})" if result.reason else ""
            self.say(f"[{len(results)}/{len(given)}] {row.instance_id} {result.verdict}{why}")

        await run_all(given, one, Fixed(self.workers))
        return [results[row.instance_id] for row in given]

    def _known(self, row: GradedInstance) -> Result | None:
        """The result that needs no container, None when there is none."""
        patch = self.patches[row.instance_id]
        key = key_of(row, patch)
        if not patch.strip() and not self.empty_runs:
            return Result(instance_id=row.instance_id, key=key, verdict="empty_patch")
        return known_result(self.out / row.instance_id, key)

    async def _result(self, row: GradedInstance) -> Result:
        patch, folder = self.patches[row.instance_id], self.out / row.instance_id
        try:
            result = self._known(row)
            result = result or await try_patch(row, patch, folder, self.limits, self.timeout_s, self.images)
        finally:
            if self.images is not None:
                await asyncio.shield(self.images.done(row.container_image, user_of(row)))
        if result.verdict != "empty_patch":
            report = json.dumps({row.instance_id: instance_report(result, patch)}, indent=1)
            replace_file(folder / "report.json", report.encode() + b"\n")
        return result


async def grade_folder(
    out: Path,
    rows: Sequence[GradedInstance],
    limits: Limits,
    timeout_s: float,
    workers: int,
    say: Callable[[str], None],
    images: Images | None = None,
) -> list[Result]:
    """Grade the predictions of a batch's folder into its `evaluation/`. Raises `BatchError`."""
    predictions = {it.instance_id: it.patch or "" for it in load_predictions(out / "preds.json")}
    folder = out / EVALUATION
    results = await Evaluation(rows, predictions, folder, limits, timeout_s, workers, say, images=images).run()
    report = run_report(rows, predictions, results)
    replace_file(folder / "report.json", json.dumps(report, indent=1).encode() + b"\n")
    return results


def instance_report(result: Result, patch: str) -> JsonObject:
    """One instance in the official shape."""
    report: JsonObject = {
        "patch_is_None": False,
        "patch_exists": bool(patch.strip()),
        "patch_successfully_applied": result.applied,
        "resolved": result.verdict == "resolved",
        "infra_failure": result.verdict == "infra_failure" or result.tier == "environment",
    }
    more: JsonObject = {}
    if why := reason_of(result):
        more = {"infra_failure_reason": why}
    if result.grade is not None:
        nothing: JsonObject = {"success": [], "failure": []}
        status: JsonObject = {
            "FAIL_TO_PASS": result.grade.fail_to_pass.model_dump(mode="json"),
            "PASS_TO_PASS": result.grade.pass_to_pass.model_dump(mode="json"),
            "FAIL_TO_FAIL": nothing,
            "PASS_TO_FAIL": nothing,
        }
        more = {**more, "tests_status": status}
    return {**report, **more}


def reason_of(result: Result) -> str:
    """What the environment did to a run: the label of its log, or why there was none."""
    return result.label or (result.reason if result.verdict == "infra_failure" else "")


def run_report(rows: Sequence[GradedInstance], patches: Mapping[str, str], results: Sequence[Result]) -> JsonObject:
    """The report of the whole run. What is labelled stays in `unresolved_ids` and `error_ids`, and so in the count."""
    known = {row.instance_id for row in rows}
    by: dict[str, list[str]] = {}
    for result in results:
        by.setdefault(result.verdict, []).append(result.instance_id)
    resolved, unresolved = by.get("resolved", []), by.get("unresolved", [])
    infra = by.get("infra_failure", [])
    labelled = {tier: [it.instance_id for it in results if it.tier == tier] for tier in ("environment", "ambiguous")}
    lists: dict[str, list[str]] = {
        "submitted": sorted(patches),
        "completed": sorted([*resolved, *unresolved]),
        "resolved": sorted(resolved),
        "unresolved": sorted(unresolved),
        "infra_failure": sorted([*infra, *labelled["environment"]]),
        "ambiguous_failure": sorted(labelled["ambiguous"]),
        "empty_patch": sorted(by.get("empty_patch", [])),
        "error": sorted([*by.get("error", []), *infra]),
    }
    counts: JsonObject = {f"{name}_instances": len(ids) for name, ids in lists.items()}
    ids: JsonObject = {f"{name}_ids": list[JsonValue](found) for name, found in lists.items()}
    reasons: JsonObject = {it.instance_id: why for it in results if (why := it.label or it.reason)}
    return {
        "schema_version": 2,
        "total_instances": len(rows),
        **counts,
        **ids,
        "incomplete_ids": list[JsonValue](sorted(known - set(patches))),
        "failure_reasons": reasons,
        "graded_by": list[JsonValue](sorted({it.graded_by for it in results if it.graded_by})),
        "unstopped_containers": [],
        "unremoved_images": [],
    }
