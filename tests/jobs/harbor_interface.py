"""The part of harbor's interface that the adapter stands on: `python -m tests.jobs.harbor_interface [--check FILE]`.

Run by an interpreter that has harbor (`make harbor`): prints it as JSON, or says where it differs from a recording. The
suite, which runs on Pythons that harbor does not, holds adapter and stand-in against the recording.
"""

import importlib
import inspect
import json
import sys
from pathlib import Path

CLASSES = {
    "harbor.agents.installed.base": ("BaseInstalledAgent", "CliFlag"),
    "harbor.environments.base": ("BaseEnvironment", "ExecResult"),
    "harbor.models.agent.context": ("AgentContext",),
    "harbor.agents.factory": ("AgentFactory",),
}
METHODS = (
    "__init__",
    "name",
    "version",
    "get_version_command",
    "parse_version",
    "render_instruction",
    "build_cli_flags",
    "_get_env",
    "install",
    "setup",
    "run",
    "ensure_system_dependencies",
    "exec_as_agent",
    "populate_context_post_run",
    "exec",
    "upload_dir",
    "create_agent_from_import_path",
)


def described(kind: type) -> dict[str, object]:
    """A class: the parameters of its methods, which of them are coroutines, its fields and abstract methods."""
    methods: dict[str, object] = {}
    for name in METHODS:
        member = getattr(kind, name, None)
        if member is None or member is getattr(object, name, None):
            continue
        found = [
            it
            for it in inspect.signature(member).parameters.values()
            if it.kind not in (it.VAR_KEYWORD, it.VAR_POSITIONAL)
        ]
        every = inspect.signature(member).parameters.values()
        methods[name] = {
            "awaited": inspect.iscoroutinefunction(member),
            "parameters": [it.name for it in found],
            "required": [it.name for it in found if it.default is it.empty],
            "any": any(it.kind is it.VAR_KEYWORD for it in every),
        }
    fields = sorted({name for base in kind.__mro__ for name in vars(base).get("__annotations__", {})})
    abstract: set[str] = set(getattr(kind, "__abstractmethods__", ()))
    return {"methods": methods, "fields": fields, "abstract": sorted(abstract)}


def interface() -> dict[str, object]:
    return {
        name: described(getattr(importlib.import_module(module), name))
        for module, names in CLASSES.items()
        for name in names
    }


if __name__ == "__main__":
    found = json.dumps(interface(), indent=1, sort_keys=True)
    if sys.argv[1:2] != ["--check"]:
        print(found)
    elif found != Path(sys.argv[2]).read_text().strip():
        sys.exit(f"harbor's interface is not as recorded in {sys.argv[2]}; record it anew and look at what changed.")
