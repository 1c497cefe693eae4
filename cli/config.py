"""Configuration: defaults, user file, project file, environment, flags, in this order; each value remembers its source.

A project's file comes with the repository and is as untrusted as the rest of it: it may not say where requests and the
key go, nor what image is fetched and run, nor loosen the sandbox.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent.json_types import as_object
from cli.config_errors import sentences, unknown_key
from cli.errors import UsageError
from cli.given import checked, names
from cli.paths import config_file
from cli.tables import without_tables
from cli.thinking_config import LAYERED, commented_table, expanded
from serving.masked import masked
from tui.themes.names import NOTIFY, THEMES, Notify, ThemeName

PROJECT_FILE = ".qwright.toml"
ENVIRONMENT_PREFIX = "QWRIGHT_"
MOST_CONFIG_BYTES = 65_536
_FLAGS = {"memory_gb": "memory"}
PROJECT_MAY_SET = frozenset(
    {
        "thinking",
        "max_steps",
        "max_seconds",
        "max_tokens",
        "answer_tokens",
        "thinking_budgets",
        "thinking_rows",
        "lint_command",
        "test_command",
    }
)


class Config(BaseModel):
    """All settings of the command line. A description is what `qwright config init` writes beside the key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field("http://127.0.0.1:8000/v1", description="vLLM's address, ending in /v1")
    model: str | None = Field(None, description="model name; left out, the only one that the server serves")
    api_key: str = Field("", repr=False, description="better set as QWRIGHT_API_KEY than written here")
    thinking: Literal["auto", "always", "never", "first"] = Field("auto", description="when the model thinks")
    thinking_budgets: dict[str, int] = Field({}, description="most reasoning tokens by kind of step")
    thinking_rows: dict[str, bool] = Field({}, description="what `auto` thinks for")
    answer_tokens: int = Field(32768, ge=256, description="room reserved for one answer")
    workspace: Literal["copy", "bind"] = Field("copy", description="work on a copy, or on the tree itself")
    sandbox: Literal["docker", "local"] = Field("docker", description="local isolates nothing: commands run as you")
    image: str | None = Field(None, description="container image; left out, the one of `qwright sandbox build`")
    network: Literal["none", "full"] = Field("none", description="network of the sandbox")
    memory_gb: float = Field(8.0, gt=0, description="memory of the sandbox")
    cpus: float = Field(0.0, ge=0, description="CPUs of the sandbox; 0: all")
    env: tuple[str, ...] = Field((), description='variables for the sandbox: ["NAME"] or ["NAME=VALUE"]')
    command_timeout: int = Field(
        0, ge=0, description="seconds after which any command is ended; 0: 120, or up to 3600 if the model asks for it"
    )
    server_wait_seconds: float = Field(
        900.0, ge=0, description="how long a turn waits for a server that restarts or is busy"
    )
    max_steps: int = Field(250, ge=0, description="model requests in one turn; 0: no limit")
    max_seconds: float = Field(0.0, ge=0, description="seconds of one turn; 0: no limit")
    max_tokens: int = Field(0, ge=0, description="computed tokens of one turn; 0: no limit")
    preserve_thinking: bool | None = Field(
        None,
        description="keep the reasoning of earlier requests in the prompt (needs Qwen3.6's chat template); "
        "left out, as the server is set; see docs/cache.md",
    )
    stall_seconds: float = Field(
        240.0, gt=0, description="seconds without progress, by its own metrics, after which a silent server is given up"
    )
    patience_seconds: float = Field(
        900.0, gt=0, description="seconds of silence after which a server without /metrics is given up"
    )

    theme: ThemeName = Field(
        "auto", description=f"colours of the terminal app: {', '.join(THEMES)}; auto follows the terminal"
    )
    notify: Notify = Field(
        "auto",
        description=f"how the app calls you when you look elsewhere: {', '.join(NOTIFY)}; osc9, osc777: the desktop",
    )
    lint_command: str = Field(
        "", description="runs in the sandbox after each step that edits, in the terminal app; also [checks] lint"
    )
    test_command: str = Field("", description="the same before a turn that edited ends; also [checks] test")
    notify_seconds: float = Field(10.0, ge=0, description="turns shorter than this end without a call")

    @field_validator("env")
    @classmethod
    def _each_has_a_name(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        return checked(items)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settled configuration, and for each key where its value came from."""

    values: Config
    sources: Mapping[str, str]


def resolve(
    flags: Mapping[str, object], project: Path | None, environment: Mapping[str, str] | None = None
) -> Resolved:
    """Put the layers together. Raises `UsageError` naming the source, the key, and what is allowed."""
    environment = os.environ if environment is None else environment
    merged: dict[str, object] = {}
    sources = dict.fromkeys(Config.model_fields, "default")
    for source, layer in (
        (str(config_file()), _read_toml(config_file())),
        *_project_layer(project),
        ("environment", _from_environment(environment)),
        ("flag", {key: value for key, value in flags.items() if value is not None and key in Config.model_fields}),
    ):
        for key, value in expanded(without_tables(layer, source), source).items():
            if key not in Config.model_fields:
                raise UsageError(unknown_key(source, key, Config.model_fields))
            # Variables and tables add up; of every other setting the last word counts.
            if key in LAYERED:
                merged[key] = {**as_object(merged.get(key)), **as_object(value)}
            else:
                merged[key] = [*_listed(merged.get(key)), *_listed(value)] if key == "env" else value
            sources[key] = _named(source, key)
    try:
        return Resolved(Config.model_validate(merged), sources)
    except ValidationError as error:
        # Not chained: pydantic's account of it repeats values that may be secret, and would be logged.
        raise UsageError(sentences(error, sources, Config.model_fields)) from None


def shown(key: str, value: object) -> str:
    """A value for people: secrets are only said to be set."""
    if key == "api_key" and value:
        return "set"
    if key == "base_url":
        return repr(masked(str(value)))
    return repr(list(names(cast("tuple[str, ...]", value)))) if key == "env" else repr(value)


def _listed(value: object) -> list[object]:
    """A list as it is; anything else alone in one, for the check to refuse or take."""
    if value is None:
        return []
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else [value]


def _named(source: str, key: str) -> str:
    """Where a value came from, by the name that the user typed."""
    if source == "environment":
        return f"{ENVIRONMENT_PREFIX}{key.upper()}"
    return f"--{_FLAGS.get(key, key.replace('_', '-'))}" if source == "flag" else source


def _project_layer(project: Path | None) -> list[tuple[str, Mapping[str, object]]]:
    if project is None:
        return []
    path = project / PROJECT_FILE
    if path.is_symlink():
        raise UsageError(f"{path} is a symbolic link; a project's settings must be a file of its own.")
    layer = _read_toml(path)
    for key in without_tables(layer, str(path)):
        if key in Config.model_fields and key not in PROJECT_MAY_SET:
            raise UsageError(
                f"{path} sets {key!r}, which a repository may not decide. Set it in {config_file()}, as "
                f"{ENVIRONMENT_PREFIX}{key.upper()} in the environment, or as a flag."
            )
    return [(str(path), layer)]


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        if path.exists() and (not path.is_file() or path.stat().st_size > MOST_CONFIG_BYTES):
            raise UsageError(f"{path} is no configuration file: it is too large, or not a regular file.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    """`QWRIGHT_KEY` for every key; other `QWRIGHT_` variables (directories, test switches) are not settings."""
    found: dict[str, object] = {}
    for key in Config.model_fields:
        value = environment.get(f"{ENVIRONMENT_PREFIX}{key.upper()}")
        if value is not None and value != "":
            found[key] = value.split(",") if key == "env" else value
    return found


def commented_defaults() -> str:
    """A configuration file in which every setting stands as a comment with its default and meaning."""
    lines = ["# qwright's configuration. Remove the # before a line to change it.", ""]
    for key, field in Config.model_fields.items():
        if key in LAYERED:
            continue
        default = cast("object", field.default)
        absent = "true" if key == "preserve_thinking" else '""'
        text = f'"{default}"' if isinstance(default, str) else str(default).lower() if default is not None else absent
        lines += [f"# {field.description}", f"# {key} = {'[]' if default == () else text}", ""]
    return "\n".join([*lines, *commented_table()])
