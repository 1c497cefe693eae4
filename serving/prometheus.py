"""Prometheus' text format, read exactly: names, labels with their escapes, values.

Source: prometheus.io, "Exposition formats", text format 0.0.4; OpenMetrics' `# EOF` and exemplars are passed over. A
line that is none of this is skipped, since half a page still tells most of what there is to know.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|(?=\}))')
_LABELS_END = re.compile(r"\s*\}")
_VALUE = re.compile(r"\s*(\S+)(?:\s+-?[0-9.]+)?\s*(?:#.*)?$")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "\\": "\\", '"': '"'}


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a metric's name as it stands there (with `_total`, `_bucket`), its labels, its value."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """The samples of a page in order. Never raises."""
    # Only a line feed ends a line: splitlines() would break inside label values.
    for line in text.split("\n"):
        if (sample := _sample(line.strip(" \t\r"))) is not None:
            yield sample


def _sample(line: str) -> Sample | None:
    name = _NAME.match(line)
    if name is None:
        return None
    labels: dict[str, str] = {}
    position = name.end()
    if line[position:].lstrip().startswith("{"):
        position = line.index("{", position) + 1
        while found := _LABEL.match(line, position):
            labels[found[1]] = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[0]), found[2])
            position = found.end()
        end = _LABELS_END.match(line, position)
        if end is None:
            return None
        position = end.end()
    value = _VALUE.match(line, position)
    if value is None or "_" in value[1]:
        return None
    try:
        return Sample(name[0], labels, float(value[1]))
    except ValueError:
        return None
