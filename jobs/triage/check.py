"""The second, deterministic job: is this verdict one that may be posted?"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from agent.json_types import JsonValue, as_object
from jobs.triage.codeowners import read_owners
from jobs.triage.patches import DECIDES_TESTS, patched_paths
from jobs.triage.secrets.redaction import surely_secret
from jobs.triage.untrusted import tame, visible
from jobs.triage.verdict import LABELS, Verdict

MOST_BYTES = 1024 * 1024
_PATCH_LINES = (
    *("diff --git a/", "index ", "new file mode ", "deleted file mode ", "old mode ", "new mode "),
    *("--- ", "+++ ", "@@ -", " ", "+", "-", "\\ No newline"),
)


class RefusedError(ValueError):
    """The verdict breaks the schema or an allow-list; the message says every point."""


def checked(data: bytes, repo: Path | None, labels: frozenset[str] = frozenset(LABELS)) -> Verdict:
    """The verdict, when it fits the schema and the allow-lists; with a repository also owner and files must be its own.

    Raises `RefusedError`.
    """
    if len(data) > MOST_BYTES:
        raise RefusedError(f"The verdict has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        verdict = Verdict.model_validate_json(data)
    except ValidationError as error:
        points = [f"{'.'.join(map(str, one['loc'])) or 'verdict'}: {one['msg']}" for one in error.errors()[:10]]
        raise RefusedError("; ".join(tame(point) for point in points)) from error
    if points := list(_objections(verdict, repo, labels)):
        raise RefusedError("; ".join(points[:10]))
    return _tamed(verdict)


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


def _objections(verdict: Verdict, repo: Path | None, labels: frozenset[str]) -> Iterator[str]:
    for label in verdict.labels:
        if label not in labels:
            yield f"labels: {tame(label, 60)!r} is not on the allow-list"
    for suspect in verdict.suspects:
        path = PurePosixPath(suspect.path)
        if path.is_absolute() or ".." in path.parts or "\\" in suspect.path or suspect.path != tame(suspect.path):
            yield f"suspects: {tame(suspect.path, 100)!r} is no plain path inside the repository"
        elif repo and not _inside(repo, suspect.path):
            yield f"suspects: {tame(suspect.path, 100)!r} is not in the repository"
    if verdict.owner and not repo:
        yield "owner: give --repo, whose CODEOWNERS says who may be named"
    elif verdict.owner and repo and verdict.owner not in read_owners(repo).all():
        yield f"owner: {tame(verdict.owner, 100)!r} is not in CODEOWNERS"
    if verdict.patch:
        yield from _patch_objections(verdict.patch.diff)
    if verdict.reproduction and "\n" in verdict.reproduction.command:
        yield "reproduction: the command has more than one line"


def _patch_objections(diff: str) -> Iterator[str]:
    for line in diff.splitlines():
        if not line.startswith(_PATCH_LINES):
            yield f"patch: {tame(line, 100)!r} is no line of a patch"
            return
    if surely_secret(diff) or visible(diff) != diff:
        yield "patch: it holds what looks like a secret, or characters that cannot be seen"
    if touched := [path for path in patched_paths(diff) if DECIDES_TESTS.search(path) or ".." in path.split("/")]:
        yield f"patch: it changes {tame(touched[0], 100)!r}"


def _inside(repo: Path, path: str) -> bool:
    root = repo.resolve()
    try:
        real = (root / path).resolve()
        return real.is_relative_to(root) and real.is_file()
    except (OSError, RuntimeError, ValueError):
        return False
