"""The command that serves a plan: `vllm serve` with what qwright's engine relies on, and why (`docs/serving.md`)."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from serving.fit.families import Checkpoint
from serving.fit.plan import Fit
from serving.fit.weights import Precision

TEMPLATE = Path(__file__).resolve().parent / "qwen3.6.jinja"
"""Qwen's own chat template of Qwen3.6 (Apache-2.0), unchanged."""
MATCH_UNIT = 16
Template = Literal["own", "3.6"]
PARSERS = (
    *("--reasoning-parser", "qwen3"),
    *("--enable-auto-tool-choice", "--tool-call-parser", "qwen3_coder"),
    *("--enable-prefix-caching", "--prefix-match-unit", str(MATCH_UNIT), "--enable-prompt-tokens-details"),
)
"""Never left out: calls, thinking and the prefix cache do not work without them."""


@dataclass(frozen=True, slots=True)
class ServeCommand:
    """Arguments after `vllm serve`, and variables of the environment."""

    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def shell(self, executable: str = "vllm") -> str:
        """As one would type it."""
        variables = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*variables, shlex.quote(executable), "serve", *map(shlex.quote, self.arguments)])

    def pretty(self, executable: str = "vllm") -> str:
        """The same over several lines, one option each."""
        lines = [" ".join([*(f"{n}={shlex.quote(v)}" for n, v in self.environment.items()), executable, "serve"])]
        lines[0] += f" {shlex.quote(self.arguments[0])}"
        for argument in self.arguments[1:]:
            if argument.startswith("--"):
                lines.append(f"  {argument}")
            else:
                lines[-1] += f" {shlex.quote(argument)}"
        return " \\\n".join(lines)


def serve_command(
    plan: Fit,
    *,
    source: str = "",
    served_name: str = "",
    template: Template = "own",
    host: str = "127.0.0.1",
    port: int = 8000,
    extra: Sequence[str] = (),
) -> ServeCommand:
    """The command for a plan. `source` is a folder or name that takes the place of the official checkpoint."""
    arguments = [source or _source(plan)]
    if served_name:
        arguments += ["--served-model-name", served_name]
    if not source:
        arguments += _quantisation(plan)
    arguments += _devices(plan)
    if plan.checkpoint.vision and not plan.question.vision:
        arguments.append("--language-model-only")
    arguments += ["--max-model-len", str(plan.context), "--max-num-seqs", str(plan.sequences)]
    arguments += ["--max-num-batched-tokens", str(plan.batched)]
    if plan.question.cache.value == "fp8":
        arguments += ["--kv-cache-dtype", "fp8"]
    if plan.question.speculative:
        speculation = {"method": "mtp", "num_speculative_tokens": plan.question.speculative}
        arguments += ["--speculative-config", json.dumps(speculation)]
    arguments += [*PARSERS, *_template(plan.checkpoint, template)]
    environment: dict[str, str] = {}
    if plan.context > plan.checkpoint.shape.native_context:
        # A YaRN model's own length stays as trained, so vLLM wants to be told that more is meant.
        environment["VLLM_ALLOW_LONG_MAX_MODEL_LEN"] = "1"
        arguments += ["--hf-overrides", json.dumps(yarn(plan.checkpoint, plan.context))]
    if plan.machine.gpu.cpu:
        environment["VLLM_CPU_KVCACHE_SPACE"] = str(plan.processor_cache_gib)
    return ServeCommand((*arguments, "--host", host, "--port", str(port), *extra), environment)


def yarn(checkpoint: Checkpoint, context: int) -> dict[str, object]:
    """The override that stretches positions to `context` tokens, by a whole factor (vLLM recipe Qwen3.5)."""
    native = checkpoint.shape.native_context
    rope: dict[str, object] = {
        "rope_type": "yarn",
        "rope_theta": 10_000_000,
        "partial_rotary_factor": 0.25,
        "factor": float(-(-context // native)),
        "original_max_position_embeddings": native,
    }
    if checkpoint.nested:
        rope = {"mrope_interleaved": True, "mrope_section": [11, 11, 10], **rope}
        return {"text_config": {"rope_parameters": rope}}
    return {"rope_parameters": rope}


def _source(plan: Fit) -> str:
    found = plan.checkpoint.source(plan.precision)
    if found is None and plan.precision is Precision.FP8:
        found = plan.checkpoint.source(Precision.BF16)
    return found or f"YOUR-{plan.checkpoint.name}-{plan.precision.value.upper()}-CHECKPOINT"


def _quantisation(plan: Fit) -> list[str]:
    online = plan.precision is Precision.FP8 and plan.checkpoint.source(Precision.FP8) is None
    return ["--quantization", "fp8"] if online else []


def _devices(plan: Fit) -> list[str]:
    if plan.machine.gpu.cpu:
        return []
    chosen = ["--tensor-parallel-size", str(plan.parallel)] if plan.parallel > 1 else []
    if plan.expert_parallel:
        chosen.append("--enable-expert-parallel")
    return [*chosen, "--gpu-memory-utilization", f"{plan.share:.2f}"]


def _template(checkpoint: Checkpoint, template: Template) -> list[str]:
    if template == "own" or checkpoint.template == "3.8":
        return []
    file = [] if checkpoint.template == "3.6" else ["--chat-template", str(TEMPLATE)]
    return [*file, "--default-chat-template-kwargs", '{"preserve_thinking": true}']
