"""Checks the house law on sizes: `python -m tests.sizes`. Median file ≤ 100 lines, none over 400, functions ≤ 60."""

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agent", "tools", "sandboxes", "serving", "jobs", "tui", "cli", "benchmarks", "tests")
PRODUCT = FOLDERS[:7]
MEDIAN_LINES = 100
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def python_files(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines"


def main() -> int:
    problems = [problem for path in python_files(FOLDERS) for problem in long_functions(path)]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(PRODUCT)}
    problems += [f"{path.relative_to(ROOT)} has {n} lines" for path, n in lengths.items() if n > MOST_LINES]
    if (median := statistics.median(lengths.values())) > MEDIAN_LINES:
        problems.append(f"the median file has {median} lines")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
