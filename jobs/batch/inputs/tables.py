"""Rows of parquet files and of named data sets, by the packages that read them, where these are installed."""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

from jobs.batch.errors import BatchError

DATASET = "hf:"


class _Table(Protocol):
    def to_pylist(self) -> list[dict[str, object]]: ...


class _Parquet(Protocol):
    def read_table(self, source: str) -> _Table: ...


class _Datasets(Protocol):
    def load_dataset(self, path: str, *, split: str) -> Iterable[Mapping[str, object]]: ...


def parquet_rows(path: Path) -> list[dict[str, object]]:
    """The rows of a parquet file. Raises `BatchError`."""
    try:
        parquet = cast("_Parquet", importlib.import_module("pyarrow.parquet"))
    except ModuleNotFoundError as error:
        raise BatchError(f"{path} needs the package pyarrow: `pip install 'qwright[parquet]'`.") from error
    try:
        return [_plain(row) for row in parquet.read_table(str(path)).to_pylist()]
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these classes
        raise BatchError(f"The rows {path} cannot be read ({error}).") from error


def dataset_rows(named: str) -> Iterator[dict[str, object]]:
    """The rows of `hf:NAME` (split "test") or `hf:NAME:SPLIT`, fetched or from the cache. Raises `BatchError`."""
    name, _, split = named.removeprefix(DATASET).partition(":")
    try:
        datasets = cast("_Datasets", importlib.import_module("datasets"))
    except ModuleNotFoundError as error:
        raise BatchError(f"{named} needs the package datasets: `pip install 'qwright[datasets]'`.") from error
    try:
        rows = datasets.load_dataset(name, split=split or "test")
    except (OSError, ValueError, RuntimeError) as error:
        # Names that are not there, networks that fail and splits that do not exist all come as one of these.
        raise BatchError(f"The data set {name} cannot be loaded ({' '.join(str(error).split())}).") from error
    return (_plain(row) for row in rows)


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    """A column that a row leaves empty is one that it does not have."""
    return {name: value for name, value in row.items() if value is not None}
