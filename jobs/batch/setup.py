"""One output folder holds one experiment: what decides its results must not change between two calls.

Every setting has a role: what `decides` results is the same in every call, what is `told` may change (a server that was
updated) and is then said and recorded, what is `free` changes nothing of what an instance comes to.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from agent.json_types import JsonValue, as_count, as_list, as_object
from jobs.batch.errors import BatchError
from jobs.batch.store import Status, replace_file

Role: TypeAlias = Literal["decides", "told", "free"]
RUN = "run.json"
# Keys of a setup.
SETUP: Mapping[str, Role] = {
    "configuration": "decides",
    "model": "decides",
    "served": "told",
    "context_tokens": "told",
    "server_version": "told",
    "docker_version": "told",
    "qwright": "told",
    "commit": "told",
    "python": "free",
    "rows": "told",
    "repo": "decides",
    "image": "decides",
    # Other instances may join those of an earlier call.
    "selection": "free",
    "workers": "free",
    "retries": "free",
    "engine": "free",
    "agents_md": "decides",
    "priority": "free",
    "seed": "decides",
    # More policies or attempts may join; only one run and several of them do not mix.
    "compare": "free",
    "attempts": "free",
    "runs": "decides",
    "grade": "free",
    "pull": "free",
    "repeat": "free",
    # Which of several runs a folder holds, and with which seed.
    "run": "decides",
    "sent_seed": "decides",
}
# Keys of `configuration`.
CONFIGURATION: Mapping[str, Role] = {
    "base_url": "told",
    # What is asked for; the model that answers is `model` of the setup.
    "model": "free",
    "api_key": "free",
    "thinking": "decides",
    "thinking_budgets": "decides",
    "thinking_rows": "decides",
    "answer_tokens": "decides",
    "preserve_thinking": "decides",
    "memory_gb": "decides",
    "cpus": "decides",
    "command_timeout": "decides",
    "max_steps": "decides",
    "max_seconds": "decides",
    "max_tokens": "decides",
    # When a server is given up: that ends as the infrastructure's failure, which runs again.
    "server_wait_seconds": "free",
    "stall_seconds": "free",
    "patience_seconds": "free",
    # A batch has its own: copies in containers without network or variables, and the rows' images.
    "workspace": "free",
    "sandbox": "free",
    "image": "free",
    "network": "free",
    "env": "free",
    # Of the terminal app.
    "theme": "free",
    "notify": "free",
    "notify_seconds": "free",
    "lint_command": "free",
    "test_command": "free",
}


def check_setup(out: Path, setup: Mapping[str, JsonValue]) -> list[str]:
    """Record the setup in a new folder; hold it against that of a known one.

    Gives sentences on what may differ and does; what changed stays in `run.json` under `later`. Raises `BatchError`
    naming what must not differ.
    """
    path = out / RUN
    if not path.is_file():
        _write(path, setup)
        return []
    before = _read(path)
    # A folder of an earlier version lacks what that version did not record.
    if differing := [name for name, (one, other) in _both(before, setup, "decides") if one != other]:
        raise BatchError(
            f"{out} holds a run with other settings ({', '.join(differing)} differ; see {path}). Use another --out, "
            "or the settings of that run."
        )
    later = as_list(before.get("later"))
    known = {**_told(before), **{name: value for each in later for name, value in as_object(each).items()}}
    now = {name: value for name, value in _told(setup).items() if name in known}
    changed: dict[str, JsonValue] = {name: value for name, value in now.items() if known[name] != value}
    if changed:
        _write(path, {**before, "later": [*later, changed]})
    return [f"{out}: {name} was {known[name]} and is {changed[name]} now; {RUN} notes it." for name in changed]


def record_images(out: Path, statuses: Iterable[Status]) -> None:
    """Note in `run.json` which images the instances were really run in."""
    path = out / RUN
    setup = _read(path)
    images = as_object(setup.get("images"))
    for status in statuses:
        if status.image_id:
            images = {**images, status.instance_id: status.image_told()}
    if images != setup.get("images", {}):
        _write(path, {**setup, "images": images})


def _read(path: Path) -> Mapping[str, JsonValue]:
    try:
        return as_object(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise BatchError(f"{path} cannot be read ({error}); use another --out.") from error


def _write(path: Path, setup: Mapping[str, JsonValue]) -> None:
    replace_file(path, json.dumps(setup, indent=1).encode() + b"\n")


def _flat(setup: Mapping[str, JsonValue], role: Role) -> dict[str, JsonValue]:
    """Settings of a role by name; unknown ones (of a later version) have none."""
    configuration = as_object(setup.get("configuration"))
    kind = "compare" if setup.get("compare") else "attempts" if as_count(setup.get("attempts")) > 1 else "one run"
    every: dict[str, JsonValue] = {**setup, "runs": kind}
    flat = {name: value for name, value in every.items() if SETUP.get(name) == role and name != "configuration"}
    return {**flat, **{name: value for name, value in configuration.items() if CONFIGURATION.get(name) == role}}


def _told(setup: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return _flat(setup, "told")


def _both(
    before: Mapping[str, JsonValue], now: Mapping[str, JsonValue], role: Role
) -> Iterable[tuple[str, tuple[JsonValue, JsonValue]]]:
    ones, others = _flat(before, role), _flat(now, role)
    return ((name, (ones[name], value)) for name, value in others.items() if name in ones)
