"""Verdicts for the failing-test logs of instances in SWE-bench's format, before the repair: is each right?

    python -m benchmarks.triage_instances DIR [ID …] [--runs N] [--scripts FOLDER --base-url URL]

DIR holds `rows.jsonl`, and for each row `work/ID` (a git repository at the base commit) and
`work/logs/ID.empty.log` (the tests of the row without its repair). Three questions to each (or to those named), the
repair being known here and to nobody who is asked:

- the log alone, with the repository for its paths: category, and where the repaired file stands among the suspects;
- the same with runs in a container: how often the failure comes, and where the file stands then;
- with a scripted model that makes the known repair (`--scripts`: the folder from which the vLLM of `--base-url` reads
  what to say): is the patch proved, and does the verdict name the file?

Containers and the images that are made here are removed. Exit code 1 when an answer is wrong.
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import JsonObject, as_list, as_object, as_text, parse_object
from jobs.triage.patches import patched_paths

_TIMEOUT_S = 900
_COMMIT = "git -c user.name=ci -c user.email=ci@example.com commit -q -a --allow-empty -m tests"


@dataclass(frozen=True)
class Instance:
    """One row: its name, the image of its container, the repair, the tests that show the failure, and its log."""

    name: str
    image: str
    patch: str
    test_patch: str
    log: Path
    tree: Path


def instances(folder: Path) -> Iterator[Instance]:
    """Those that have a log."""
    for line in (folder / "rows.jsonl").read_text("utf-8").splitlines():
        row = parse_object(line.encode()) or {}
        name = as_text(row.get("instance_id"))
        log = folder / "work" / "logs" / f"{name}.empty.log"
        if log.is_file():
            image, patch, tests = (as_text(row.get(key)) for key in ("image", "patch", "test_patch"))
            yield Instance(name, image, patch, tests, log, folder / "work" / name)


def triage(log: Path, *flags: str) -> JsonObject:
    """The verdict of one call."""
    command = [sys.executable, "-m", "cli.main", "triage", str(log), "--format", "json", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    if done.returncode and not 10 <= done.returncode <= 16:
        raise SystemExit(f"triage of {log} ended with {done.returncode}: {done.stderr[-2000:]}")
    return as_object(json.loads(done.stdout))


def rank(verdict: JsonObject, instance: Instance) -> int:
    """Where the first repaired file stands among the suspects, from 1; 0 for nowhere."""
    repaired = set(patched_paths(instance.patch))
    paths = [as_text(as_object(one).get("path")) for one in as_list(verdict.get("suspects"))]
    return next((place for place, path in enumerate(paths, 1) if path in repaired), 0)


@contextlib.contextmanager
def with_tests(instance: Instance) -> Generator[str, None, None]:
    """An image like the instance's, whose repository has the failing tests."""
    tag = f"qwright-triage-{uuid.uuid4().hex[:12]}"
    build = f"FROM {instance.image}\nCOPY tests.diff /tmp/\nRUN cd /testbed && git apply /tmp/tests.diff && {_COMMIT}\n"
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, text in (("Dockerfile", build), ("tests.diff", instance.test_patch)):
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    command = ["docker", "build", "-q", "-t", tag, "-"]
    subprocess.run(command, input=context.getvalue(), check=True, capture_output=True)
    try:
        yield tag
    finally:
        subprocess.run(["docker", "rmi", "-f", tag], check=True, capture_output=True)


def alone(instance: Instance, folder: Path) -> JsonObject:
    """The log alone, with a copy of the repository that has the tests."""
    tree = folder / instance.name
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(instance.tree), str(tree)], check=True)
    subprocess.run(["git", "apply", "-"], cwd=tree, input=instance.test_patch, text=True, check=True)
    return triage(instance.log, "--no-model", "--repo", str(tree))


def scripted(instance: Instance, image: str, options: argparse.Namespace, folder: Path) -> JsonObject:
    """With a model that makes the known repair and fills in the form. The log's name says which script it is."""
    marker = f"TRIAGE-{uuid.uuid4().hex}"
    log = folder / f"{marker}.log"
    log.symlink_to(instance.log)
    # In hexadecimal every byte survives the format of tool calls.
    data = instance.patch.encode().hex()
    apply = f"python3 -c \"import sys; sys.stdout.buffer.write(bytes.fromhex('{data}'))\" | git apply -"
    path = patched_paths(instance.patch)[0]
    place = {"path": path, "line": 1, "why": "repaired here"}
    form: dict[str, object] = {
        "category": "bug",
        "confidence": 0.9,
        "summary": "Seen and repaired.",
        "root_cause": "The code is wrong there.",
        "suspects": [place],
        "evidence": [place],
        "suspect_commit": "",
        "labels": ["python"],
        "severity": "high",
        "next_step": "Take the patch.",
    }
    turns = [
        {"calls": [{"name": "bash", "arguments": {"command": apply}}]},
        {"calls": [{"name": "submit", "arguments": {"summary": "Repaired."}}]},
        {"raw": json.dumps(form)},
    ]
    script = options.scripts / f"{marker}.json"
    script.write_text(json.dumps([{"match": marker, "turns": turns}]))
    try:
        flags = ("--repo", "image:/testbed", "--image", image, "--runs", str(options.runs), "--fix")
        return triage(log, *flags, "--base-url", options.base_url)
    finally:
        script.unlink()


def answers(instance: Instance, options: argparse.Namespace, folder: Path) -> tuple[list[str], bool]:
    """The cells of a row of the table, and whether all of them are right."""
    first = alone(instance, folder)
    cells = [instance.name, f"{as_text(first.get('category'))}, file {rank(first, instance) or 'not'} among suspects"]
    right = first.get("category") == "bug" and rank(first, instance) > 0
    with with_tests(instance) as image:
        flags = ("--repo", "image:/testbed", "--image", image, "--runs", str(options.runs))
        ran = triage(instance.log, "--no-model", *flags)
        counts = as_object(ran.get("reproduction"))
        cells.append(
            f"{ran.get('category')}, failed {counts.get('failures')}/{counts.get('runs')}, file {rank(ran, instance)}"
        )
        right &= ran.get("category") == "bug" and counts.get("failures") == counts.get("runs") == options.runs
        right &= rank(ran, instance) > 0
        if options.scripts:
            told = scripted(instance, image, options, folder)
            patch = as_object(told.get("patch"))
            counts = [patch.get(key) for key in ("before_failures", "before_runs", "after_failures", "after_runs")]
            proof = "{}/{} → {}/{}".format(*counts)
            cells.append(
                f"{told.get('category')}, file {rank(told, instance)}, patch {proof if patch else told.get('notes')}"
            )
            right &= bool(patch) and rank(told, instance) == 1
    return cells, right


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="verdicts for the failing-test logs of instances")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("only", nargs="*", metavar="ID", help="(all)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scripts", type=Path, help="the folder of a scripted vLLM")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/v1")
    options = parser.parse_args()
    head = ["instance", "log alone", "run in its container", *(["scripted model"] if options.scripts else [])]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    all_right = True
    with tempfile.TemporaryDirectory(prefix="qwright-triage-") as folder:
        for instance in instances(options.folder):
            if options.only and instance.name not in options.only:
                continue
            cells, right = answers(instance, options, Path(folder))
            all_right &= right
            print(f"| {' | '.join(cells)} |{'' if right else ' WRONG'}", flush=True)
    return 0 if all_right else 1


if __name__ == "__main__":
    sys.exit(main())
