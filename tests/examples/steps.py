"""Runs the bash steps of a workflow or action as GitHub's runner would, as far as that goes on this machine.

`uses:` steps are left to the caller. An expression is looked up in what the test gives, and only `env:` may hold one.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from agent.json_types import JsonObject, as_list, as_object, as_text

ROOT = Path(__file__).parent.parent.parent
_WORDS = re.compile(r"'[^']*'|&&|\|\||==|!=|!|[()]|,|[\w.-]+")
_OPERATORS = {"&&": "and", "||": "or", "!": "not"}


def _ends_with(text: str, end: str) -> bool:
    return text.lower().endswith(end.lower())


def _contains(items: Sequence[str], item: str) -> bool:
    return item in items


_FUNCTIONS: dict[str, object] = {"endsWith": _ends_with, "contains": _contains, "fromJSON": json.loads}
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def load(name: str) -> JsonObject:
    """A YAML file of the repository."""
    return as_object(cast("object", yaml.safe_load((ROOT / name).read_text())))


def steps(document: JsonObject, job: str = "") -> list[JsonObject]:
    """The steps of a job, or of a composite action."""
    holder = as_object(as_object(document.get("jobs")).get(job)) if job else as_object(document.get("runs"))
    return [as_object(step) for step in as_list(holder.get("steps"))]


@dataclass
class Runner:
    """A workspace folder, programs that stand in for the machine's, and what steps have put out."""

    folder: Path
    values: dict[str, str] = field(default_factory=dict[str, str])
    environment: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def bin(self) -> Path:
        path = self.folder.parent / "bin"
        path.mkdir(exist_ok=True)
        return path

    def program(self, name: str, text: str) -> None:
        """Put a program in front of the machine's own."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, step: JsonObject) -> "subprocess.CompletedProcess[str]":
        """One `run:` step under GitHub's bash; its outputs become values."""
        files = {name: self.folder.parent / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
        files["GITHUB_OUTPUT"].write_text("")
        script = self.folder.parent / "step.sh"
        script.write_text(as_text(step.get("run")))
        given = {key: self.expand(str(value)) for key, value in as_object(step.get("env")).items()}
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": os.environ["HOME"],
            **self.environment,
            **{name: str(path) for name, path in files.items()},
            **given,
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self._take(as_text(step.get("id")), files["GITHUB_OUTPUT"].read_text())
        return done

    def expand(self, text: str) -> str:
        """The text with its expressions replaced; raises `KeyError` for one that the test did not think of."""
        return EXPRESSION.sub(lambda found: self.values[found[1]], text)

    def holds(self, condition: str) -> bool:
        """Whether an `if:` of the forms in use holds: `&&`, `||`, `!`, `==`, `endsWith`, `contains`, `fromJSON`."""
        text = " ".join(condition.removeprefix("${{").removesuffix("}}").split())
        words: list[str] = []
        for word in _WORDS.findall(text):
            if word[0].isalpha() and "." in word:
                value = self.values[word]
                word = {"true": "True", "false": "False"}.get(value, repr(value))  # noqa: PLW2901  # its value instead
            words.append(_OPERATORS.get(word, word))
        return bool(eval(" ".join(words), dict(_FUNCTIONS)))  # the repository's own conditions

    def _take(self, step_id: str, text: str) -> None:
        lines = iter(text.splitlines())
        for line in lines:
            name, mark, end = line.partition("<<")
            if mark and "=" not in name:
                value = "\n".join(iter(lambda: next(lines), end))
            else:
                name, _, value = line.partition("=")
            self.values[f"steps.{step_id}.outputs.{name}"] = value


def named(found: list[JsonObject], name: str) -> JsonObject:
    """The step of that name."""
    return next(step for step in found if step.get("name") == name)


def inputs(document: JsonObject, given: Mapping[str, str]) -> dict[str, str]:
    """Values of `inputs.*`: the defaults of an action, and what is given."""
    declared = as_object(document.get("inputs"))
    unknown = set(given) - set(declared)
    assert not unknown, unknown
    defaults = {name: str(as_object(one).get("default", "")) for name, one in declared.items()}
    return {f"inputs.{name}": value for name, value in {**defaults, **given}.items()}
