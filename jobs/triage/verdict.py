"""The verdict: what people and a second job act on. Its JSON Schema is `docs/schemas/verdict.schema.json`."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 1
LABELS = (
    "bug",
    "regression",
    "flaky",
    "test-bug",
    "infrastructure",
    "dependencies",
    "configuration",
    "not-reproducible",
    "build",
    "lint",
    "python",
    "go",
    "rust",
    "javascript",
    "java",
    "c",
    "docker",
)
"""The labels that a verdict may carry: nothing that an input says becomes one."""

Text = Annotated[str, StringConstraints(max_length=2000)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Count = Annotated[int, Field(ge=0)]


class Category(StrEnum):
    """What kind of failure it is."""

    BUG = "bug"
    REGRESSION = "regression"
    FLAKY = "flaky"
    TEST_BUG = "test_bug"
    INFRASTRUCTURE = "infrastructure"
    DEPENDENCY = "dependency"
    CONFIGURATION = "configuration"
    NOT_REPRODUCIBLE = "not_reproducible"


class Severity(StrEnum):
    """How much it stops: all work, this change, one part, nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def _unique(labels: list[str]) -> list[str]:
    if len(set(labels)) != len(labels):
        raise ValueError("a label is there twice")
    return labels


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Suspect(_Strict):
    """A place to look at first, relative to the repository; line 0 where only the file is known."""

    path: Path
    line: Count
    why: Text


class Evidence(_Strict):
    """Words of an input, and where they stand: the file as it was given, and its line from 1."""

    quote: Text
    source: Text
    line: Count


class Reproduction(_Strict):
    """The command that should show the failure. `runs` is 0 as long as nobody ran it."""

    command: Text
    exit_code: int | None = None
    runs: Count = 0
    failures: Count = 0


class Repair(_Strict):
    """A patch that was tried in a fresh sandbox: the command failed in all runs before it and in none after it."""

    diff: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
    command: Text
    before_runs: Count
    before_failures: Count
    after_runs: Count
    after_failures: Count


class Cause(_Strict):
    """Failures with one cause: how many, and the names of the first few."""

    message: Text
    count: Count
    examples: list[Text]


class Verdict(_Strict):
    """See `docs/triage.md`. Text of inputs in it was tamed (`jobs.triage.untrusted`)."""

    version: Literal[1] = SCHEMA_VERSION
    category: Category
    confidence: Annotated[float, Field(ge=0, le=1)]
    summary: Text
    root_cause: Text
    suspects: Annotated[list[Suspect], Field(max_length=20)]
    suspect_commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,64}$")] | None = None
    suspect_commit_by: Literal["bisect", "blame", "model"] | None = None
    reproduction: Reproduction | None = None
    evidence: Annotated[list[Evidence], Field(max_length=50)]
    causes: Annotated[list[Cause], Field(max_length=50)]
    failures: Count
    labels: Annotated[
        list[Annotated[str, StringConstraints(max_length=50)]],
        Field(max_length=20, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_unique),
    ]
    severity: Severity
    duplicates: Annotated[list[Text], Field(max_length=20)] = []
    owner: Annotated[str, StringConstraints(max_length=300)] | None = None
    next_step: Text
    patch: Repair | None = None
    decided_by: Literal["rules", "counts", "model"] = "rules"
    notes: Annotated[list[Text], Field(max_length=20)] = []
