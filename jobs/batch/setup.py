"""One output folder holds one experiment: what decides its results must not change between two calls."""

import json
from collections.abc import Mapping
from pathlib import Path

from agent.json_types import JsonValue, as_count, as_object
from jobs.batch.errors import BatchError
from jobs.batch.store import replace_file

_KEPT = ("thinking", "thinking_budgets", "thinking_rows", "max_steps", "max_seconds", "max_tokens", "answer_tokens")


def check_setup(out: Path, setup: Mapping[str, JsonValue]) -> None:
    """Record the setup in a new folder; raises `BatchError` naming what differs from that of a known one."""
    path = out / "run.json"
    if not path.is_file():
        replace_file(path, json.dumps(setup, indent=1).encode() + b"\n")
        return
    try:
        before = as_object(json.loads(path.read_bytes()))
    except ValueError as error:
        raise BatchError(f"{path} cannot be read ({error}); use another --out.") from error
    if differing := [name for name, value in _deciding(setup).items() if _deciding(before)[name] != value]:
        raise BatchError(
            f"{out} holds a run with other settings ({', '.join(differing)} differ; see {path}). Use another --out, "
            "or the settings of that run."
        )


def _deciding(setup: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    configuration = as_object(setup.get("configuration"))
    # A folder from before the switch existed had it on.
    agents_md = setup.get("agents_md", True)
    kind = "compare" if setup.get("compare") else "attempts" if as_count(setup.get("attempts")) > 1 else "one run"
    kept = {name: configuration.get(name) for name in _KEPT}
    return {"model": setup.get("model"), "seed": setup.get("seed"), "runs": kind, "agents_md": agents_md, **kept}
