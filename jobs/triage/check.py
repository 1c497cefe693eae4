"""The second, deterministic job: is this verdict one that may be posted?"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from agent.json_types import JsonValue, as_object
from jobs.triage.codeowners import CodeOwners, read_owners
from jobs.triage.judge import OWNER_TESTED
from jobs.triage.patches import DECIDES_TESTS, PatchError, patched_paths
from jobs.triage.secrets.redaction import surely_secret
from jobs.triage.untrusted import tame, visible
from jobs.triage.verdict import LABELS, Verdict

MOST_BYTES = 1024 * 1024


class RefusedError(ValueError):
    """The verdict breaks the schema or an allow-list; the message says every point."""


def checked(
    data: bytes, repo: Path | None, labels: frozenset[str] = frozenset(LABELS), owners: CodeOwners | None = None
) -> Verdict:
    """The verdict, when it fits the schema and the allow-lists; with a repository also owner and files must be its own.

    `owners` are those who may be named; without them, the repository's. Raises `RefusedError`.
    """
    if len(data) > MOST_BYTES:
        raise RefusedError(f"The verdict has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        verdict = Verdict.model_validate_json(data)
    except ValidationError as error:
        points = [f"{'.'.join(map(str, one['loc'])) or 'verdict'}: {one['msg']}" for one in error.errors()[:10]]
        raise RefusedError("; ".join(tame(point) for point in points)) from error
    owners = owners or read_owners(repo)
    if points := list(_objections(verdict, repo, labels, owners)):
        raise RefusedError("; ".join(points[:10]))
    tamed = _tamed(verdict)
    if tamed.owner and owners.tested and OWNER_TESTED not in tamed.notes:
        return tamed.model_copy(update={"notes": [*tamed.notes[:19], OWNER_TESTED]})
    return tamed


def _tamed(verdict: Verdict) -> Verdict:
    """With its texts as the reading job was to leave them: whoever took that job over left them otherwise.

    The patch stays, letter for letter; it is looked at on its own.
    """
    texts = _tame_texts(as_object(verdict.model_dump(mode="json", exclude={"patch"})))
    try:
        return Verdict.model_validate(texts).model_copy(update={"patch": verdict.patch})
    except ValidationError as error:
        raise RefusedError("The verdict's texts hold so much that may not be posted that nothing fits.") from error


def _tame_texts(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return tame(value, MOST_BYTES)
    if isinstance(value, list):
        return [_tame_texts(item) for item in value]
    if isinstance(value, dict):
        return {key: _tame_texts(item) for key, item in value.items()}
    return value


def _objections(verdict: Verdict, repo: Path | None, labels: frozenset[str], owners: CodeOwners) -> Iterator[str]:
    for label in verdict.labels:
        if label not in labels:
            yield f"labels: {tame(label, 60)!r} is not on the allow-list"
    for suspect in verdict.suspects:
        path = PurePosixPath(suspect.path)
        if path.is_absolute() or ".." in path.parts or "\\" in suspect.path or suspect.path != tame(suspect.path):
            yield f"suspects: {tame(suspect.path, 100)!r} is no plain path inside the repository"
        elif repo and not _inside(repo, suspect.path):
            yield f"suspects: {tame(suspect.path, 100)!r} is not in the repository"
    if verdict.owner and not owners.all():
        yield "owner: give --owners or --repo with a CODEOWNERS that says who may be named"
    elif verdict.owner and verdict.owner not in owners.all():
        yield f"owner: {tame(verdict.owner, 100)!r} is not in CODEOWNERS"
    if verdict.patch:
        yield from _patch_objections(verdict.patch.diff)
    if verdict.reproduction and "\n" in verdict.reproduction.command:
        yield "reproduction: the command has more than one line"


def _patch_objections(diff: str) -> Iterator[str]:
    try:
        touched = patched_paths(diff)
    except PatchError as error:
        yield f"patch: {tame(str(error), 200)}"
        return
    if surely_secret(diff) or visible(diff) != diff:
        yield "patch: it holds what looks like a secret, or characters that cannot be seen"
    if kept := [path for path in touched if DECIDES_TESTS.search(path)]:
        yield f"patch: it changes {tame(kept[0], 100)!r}"


def _inside(repo: Path, path: str) -> bool:
    root = repo.resolve()
    try:
        real = (root / path).resolve()
        return real.is_relative_to(root) and real.is_file()
    except (OSError, RuntimeError, ValueError):
        return False
