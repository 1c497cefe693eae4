"""From the record of a batch back to the command that does the same. Pure.

What has no flag goes as a variable of the environment; a configuration file that says otherwise must be out of the way.
"""

import shlex
from collections.abc import Iterator, Mapping

from agent.json_types import JsonValue, as_object
from cli.config import ENVIRONMENT_PREFIX, Config

_FLAGS = ("base_url", "thinking", "max_steps", "max_seconds", "max_tokens", "command_timeout", "cpus")
# Said by the setup itself, or of no use to a batch.
_ELSEWHERE = ("model", "theme", "notify", "notify_seconds", "lint_command", "test_command")
# Recorded under the name of the option, and left out where it has this value.
_OPTIONS: Mapping[str, JsonValue] = {
    "workers": "auto",
    "retries": 2,
    "priority": 10,
    "engine": "local",
    "attempts": 1,
    "pull": "missing",
    "seed": None,
    "repo": "",
    "image": "",
}


def repeat(setup: Mapping[str, JsonValue], out: str = "OUT") -> str:
    """The command as one line for a shell; rows by their name, `out` in place of the folder."""
    environment, arguments = parts(setup, out)
    told = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    return " ".join([*told, shlex.join(["qwright", *arguments])])


def parts(setup: Mapping[str, JsonValue], out: str) -> tuple[dict[str, str], list[str]]:
    """Variables and arguments."""
    configuration = as_object(setup.get("configuration"))
    compare = setup.get("compare")
    defaults = Config.model_validate({}).model_dump(mode="json")
    differing = {
        name: value
        for name, value in configuration.items()
        if value != defaults.get(name) and value is not None and name not in _ELSEWHERE
    }
    if isinstance(compare, list):
        differing.pop("thinking", None)
    environment = {
        f"{ENVIRONMENT_PREFIX}{name.upper()}": _plain(value) for name, value in differing.items() if name not in _FLAGS
    }
    arguments = ["batch", _rows(setup), "--out", out, "--model", str(setup.get("model"))]
    for name in _FLAGS:
        if name in differing:
            arguments += [f"--{name.replace('_', '-')}", _plain(differing[name])]
    return environment, [*arguments, *_options(setup)]


def _options(setup: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, value in as_object(setup.get("selection")).items():
        if value is not None:
            # A slice may begin with a minus.
            yield f"--{name}={value}"
    for name, default in _OPTIONS.items():
        if (value := setup.get(name, default)) != default:
            yield f"--{name}={value}"
    compare = setup.get("compare")
    if isinstance(compare, list):
        yield f"--compare={','.join(map(str, compare))}"
    if setup.get("agents_md") is False:
        yield "--no-agents-md"
    if setup.get("grade"):
        yield "--grade"


def _rows(setup: Mapping[str, JsonValue]) -> str:
    rows = as_object(setup.get("rows"))
    return str(rows.get("file") or rows.get("name") or "ROWS")


def _plain(value: JsonValue) -> str:
    """As the configuration reads it from a variable or a flag."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ",".join(f"{name}={_plain(each)}" for name, each in value.items())
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
