"""Predictions in each of the official shapes: an object by id, a list, or one a line."""

import json
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from jobs.batch.errors import BatchError


class Prediction(BaseModel):
    """One patch for one instance."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    instance_id: str
    model_name_or_path: str = "unnamed"
    patch: str | None = Field(None, alias="model_patch")


def load_predictions(path: Path) -> list[Prediction]:
    """Read a file of predictions. Raises `BatchError` naming what is wrong with it."""
    found = _value(path)
    if isinstance(found, dict) and "instance_id" not in found:
        found = list(cast("dict[str, object]", found).values())
    try:
        predictions = TypeAdapter(list[Prediction]).validate_python(found if isinstance(found, list) else [found])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BatchError(f"{path} holds no predictions ({where}: {first['msg']}).") from error
    seen = [prediction.instance_id for prediction in predictions]
    if doubled := sorted({name for name in seen if seen.count(name) > 1}):
        raise BatchError(f"{path} has more than one prediction for {', '.join(doubled)}.")
    return predictions


def _value(path: Path) -> object:
    """The file as one JSON value, else as one value a line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BatchError(f"The predictions {path} cannot be read ({error}).") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.split("\n") if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except json.JSONDecodeError as error:
        raise BatchError(f"{path} is neither JSON nor JSON lines: {error}.") from error
