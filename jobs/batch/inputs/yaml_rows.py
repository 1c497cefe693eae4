"""Rows in YAML: SWE-agent's "simple" instances come so."""

from pathlib import Path
from typing import cast

from jobs.batch.errors import BatchError


def yaml_value(path: Path) -> object:
    """What a YAML file says. Raises `OSError` or `ValueError` with the place of what is wrong."""
    import yaml

    try:
        # Strings stay strings: no class of a file is ever made.
        return cast("object", yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML ({' '.join(str(error).split())})") from error


def rows(path: Path) -> list[object]:
    """A list of rows, or one. Raises `BatchError` when the file cannot be read."""
    try:
        value = yaml_value(path)
    except (OSError, ValueError) as error:
        raise BatchError(f"The rows {path} cannot be read ({error}).") from error
    return cast("list[object]", value) if isinstance(value, list) else [value]
