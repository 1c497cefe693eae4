"""`preds.jsonl` and `preds.json` while a batch runs: what one more instance costs does not grow with their number.

A line is added to `preds.jsonl` as soon as an instance is finished. `preds.json` is one object and can only be written
anew: for each of the first twenty, then whenever a twentieth has come in since, and when the call ends. What a kill
leaves is made whole by the next call.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from jobs.batch.store import replace_file

# `preds.json` lacks at most this share while a batch runs.
_LATE = 1 / 20


class PredictionFiles:
    """The files of one run. `model` is what the predictions are signed with."""

    def __init__(self, out: Path, model: str) -> None:
        self._out = out
        self._model = model
        self._count = 0
        self._written = 0

    def begin(self, patches: Mapping[str, bytes]) -> None:
        """Write both files anew, from all patches that there are, by instance."""
        lines = [self._line(name, patch) for name, patch in patches.items()]
        replace_file(self._out / "preds.jsonl", b"".join(lines))
        self._count = len(lines)
        self._write(lines)

    def add(self, name: str, patch: bytes) -> None:
        """One more instance is finished."""
        with (self._out / "preds.jsonl").open("ab") as file:
            file.write(self._line(name, patch))
            file.flush()
            os.fsync(file.fileno())
        self._count += 1
        if self._count - self._written >= self._count * _LATE:
            self.end()

    def end(self) -> None:
        """Make `preds.json` whole."""
        if self._written != self._count:
            self._write((self._out / "preds.jsonl").read_bytes().splitlines(keepends=True))

    def _write(self, lines: Iterable[bytes]) -> None:
        each = [(json.loads(line)["instance_id"], line.strip().decode("ascii")) for line in lines]
        shown = ",\n".join(f" {json.dumps(name)}: {prediction}" for name, prediction in each)
        replace_file(self._out / "preds.json", f"{{\n{shown}\n}}\n".encode("ascii"))
        self._written = self._count

    def _line(self, name: str, patch: bytes) -> bytes:
        prediction = {
            "model_name_or_path": self._model,
            "instance_id": name,
            "model_patch": patch.decode("utf-8", "replace"),
        }
        return json.dumps(prediction).encode("ascii") + b"\n"


def write_patches(out: Path, model: str, patches: Mapping[str, bytes]) -> None:
    """The two files of predictions, from patches by instance."""
    PredictionFiles(out, model).begin(patches)
