"""What is typed in a harbor task's container, and what its result says. Pure, and free of harbor."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from agent.json_types import as_count, as_object, as_text

RESULT = "qwright.json"
WHEELS = "/installed-agent/wheels"
_VENV = "/installed-agent/qwright"
_PATH = f'export PATH="{_VENV}/bin:$HOME/.local/bin:$PATH"'
# Ways to name a server of the OpenAI kind that other harnesses put before the model; "Qwen/…" is a part of the name.
_PROVIDERS = ("openai/", "hosted_vllm/", "vllm/")
# Done, the task failed, a limit reached: the agent ended by itself, and what it left is to be graded.
_ENDED = "0|1|5"
ENVIRONMENT = {
    "QWRIGHT_BASE_URL": ("QWRIGHT_BASE_URL", "HOSTED_VLLM_API_BASE", "OPENAI_BASE_URL"),
    "QWRIGHT_API_KEY": ("QWRIGHT_API_KEY", "HOSTED_VLLM_API_KEY", "OPENAI_API_KEY"),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of a run. `prompt` includes `cached`."""

    prompt: int
    cached: int
    completion: int
    status: str
    steps: int


def model_flag(model_name: str | None) -> str:
    """`--model NAME` for harbor's `-m`, "" for the only model that the server has."""
    name = model_name or ""
    for provider in _PROVIDERS:
        name = name.removeprefix(provider)
    return f"--model {shlex.quote(name)}" if name else ""


def present_command() -> str:
    """Succeeds where the image has qwright already."""
    return f"{_PATH}; qwright --version"


def install_command(version: str | None, *, wheels: bool) -> str:
    """Installs qwright beside the task's own Python: from wheels that were brought along, else from an index by uv."""
    if wheels:
        return (
            f"python3 -m venv {_VENV} && {_VENV}/bin/pip install --quiet --no-index --find-links {WHEELS} qwright && "
            f"{_VENV}/bin/qwright --version"
        )
    wanted = shlex.quote(f"qwright=={version}" if version else "qwright")
    return (
        f"{_PATH}; command -v uv >/dev/null || curl -LsSf https://astral.sh/uv/install.sh | sh; "
        f"uv tool install --python 3.12 {wanted} && qwright --version"
    )


def run_command(instruction: str, logs: str, flags: str, model: str) -> str:
    """Runs the task in the directory that harbor starts commands in. The container is the sandbox."""
    options = " ".join(part for part in (model, flags) if part)
    state, result, said = (shlex.quote(f"{logs}/{name}") for name in ("state", RESULT, "qwright.txt"))
    run = f"qwright run - --sandbox local --workspace bind --output json {options}".rstrip()
    return (
        f"{_PATH}; mkdir -p {shlex.quote(logs)}; "
        f"printf %s {shlex.quote(instruction)} | QWRIGHT_STATE_DIR={state} {run} > {result} 2> {said}; code=$?; "
        f"tail -n 20 {said} >&2; case $code in {_ENDED}) exit 0;; *) exit $code;; esac"
    )


def server_environment(found: Mapping[str, str]) -> dict[str, str]:
    """The variables that qwright reads, from those that are set; the first name of each wins."""
    values = {name: next((found[it] for it in names if found.get(it)), "") for name, names in ENVIRONMENT.items()}
    return {name: value for name, value in values.items() if value}


def spent_of(result: bytes) -> Spent | None:
    """The figures of a result, None when the run was ended before it wrote one."""
    try:
        found = as_object(json.loads(result))
    except ValueError:
        return None
    usage = as_object(found.get("usage"))
    if not found:
        return None
    tokens = [as_count(usage.get(f"{kind}_tokens")) for kind in ("prompt", "cached", "completion")]
    return Spent(*tokens, status=as_text(found.get("status")), steps=as_count(found.get("steps")))
