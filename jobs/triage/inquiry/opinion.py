"""What the model may say, and no more: the form it fills in, narrowed to this case.

The server enforces the form while the model writes (`agent.structured`); what comes is checked again in `merge`.
Counts, quotes, owners and duplicates have no place in it: those are ours.
"""

import json
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.json_types import JsonObject, JsonValue
from jobs.triage.inquiry.commits import Commit
from jobs.triage.verdict import LABELS, Category, Severity

NO_COMMIT = ""
_OF_CATEGORY = frozenset(one.value.replace("_", "-") for one in Category) | {"dependencies"}
FREE_LABELS = tuple(label for label in LABELS if label not in _OF_CATEGORY)
"""Labels that a model may choose; that of the category is not its to choose."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpinionPlace(_Form):
    """A line of a file of the repository."""

    path: str
    line: int = Field(ge=0)
    why: str


class Opinion(_Form):
    """The filled-in form."""

    category: Category
    confidence: float = Field(ge=0, le=1)
    summary: str
    root_cause: str
    suspects: list[OpinionPlace]
    evidence: list[OpinionPlace]
    suspect_commit: str
    labels: list[str]
    severity: Severity
    next_step: str


class NoOpinionError(ValueError):
    """The model's words do not fit the form; the message says where."""


def schema(allowed: Collection[Category], commits: Sequence[Commit]) -> JsonObject:
    """The JSON Schema of an opinion on this case, every field required, choices listed."""
    places: JsonValue = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"path": {"type": "string"}, "line": {"type": "integer"}, "why": {"type": "string"}},
            "required": ["path", "line", "why"],
            "additionalProperties": False,
        },
    }
    properties: dict[str, JsonValue] = {
        "category": {"type": "string", "enum": [one.value for one in Category if one in allowed]},
        "confidence": {"type": "number"},
        "summary": {"type": "string"},
        "root_cause": {"type": "string"},
        "suspects": places,
        "evidence": places,
        "suspect_commit": {"type": "string", "enum": [NO_COMMIT, *(commit.sha for commit in commits)]},
        "labels": {"type": "array", "items": {"type": "string", "enum": list(FREE_LABELS)}},
        "severity": {"type": "string", "enum": [one.value for one in Severity]},
        "next_step": {"type": "string"},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parsed(text: str) -> Opinion:
    """The opinion in an answer, in a fence or not. Raises `NoOpinionError`."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise NoOpinionError("there is no JSON object in the answer")
    try:
        return Opinion.model_validate(json.loads(text[start : end + 1]))
    except ValidationError as error:
        points = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:5]]
        raise NoOpinionError("; ".join(points)) from error
    except (ValueError, RecursionError) as error:
        raise NoOpinionError("the JSON is broken or cut off") from error
