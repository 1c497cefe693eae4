"""The command that a plan comes to."""

import hashlib
import json
import shlex
from collections.abc import Callable

import pytest
from hypothesis import given

from serving.fit.command import PARSERS, TEMPLATE, ServeCommand, Template, serve_command
from serving.fit.families import CHECKPOINTS, find_checkpoint
from serving.fit.gpus import parse_machine
from serving.fit.memory import CacheType
from serving.fit.plan import Fit, PlanError, Question, fit
from serving.fit.weights import Precision
from tests.serving.fit.test_properties import plans


def planned(model: str, machine: str, asked: Question, precision: Precision = Precision.FP8) -> Fit:
    return fit(find_checkpoint(model)[0], precision, parse_machine(machine), asked)


def value(command: ServeCommand, flag: str) -> str:
    return command.arguments[command.arguments.index(flag) + 1]


def test_the_reference_deployment() -> None:
    command = serve_command(planned("122B", "2xH200", Question(context=262_144)), port=8001)
    assert command.arguments[0] == "Qwen/Qwen3.5-122B-A10B-FP8"
    assert value(command, "--tensor-parallel-size") == "2"
    assert value(command, "--max-model-len") == "262144"
    assert value(command, "--prefix-match-unit") == "16"
    assert value(command, "--tool-call-parser") == "qwen3_coder"
    assert value(command, "--reasoning-parser") == "qwen3"
    assert {"--language-model-only", "--enable-prefix-caching", "--enable-prompt-tokens-details"} <= set(
        command.arguments
    )
    assert (value(command, "--host"), value(command, "--port")) == ("127.0.0.1", "8001")
    assert not {"--hf-overrides", "--chat-template", "--kv-cache-dtype", "--speculative-config"} & set(
        command.arguments
    )
    assert command.environment == {}


@given(plans)
def test_what_the_engine_needs_is_never_left_out(plan: Fit) -> None:
    command = serve_command(plan)
    joined = " ".join(command.arguments)
    assert " ".join(PARSERS) in joined
    variables = len(command.environment)
    assert shlex.split(command.shell())[variables:] == ["vllm", "serve", *command.arguments]
    assert shlex.split(command.pretty().replace("\\\n", " ")) == shlex.split(command.shell())


def test_past_the_native_context_positions_are_stretched() -> None:
    command = serve_command(planned("122B", "8xH200", Question(context=500_000)))
    rope = json.loads(value(command, "--hf-overrides"))["text_config"]["rope_parameters"]
    assert (rope["rope_type"], rope["factor"], rope["original_max_position_embeddings"]) == ("yarn", 2.0, 262_144)
    assert rope["mrope_section"] == [11, 11, 10]
    assert command.environment == {"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"}
    million = serve_command(planned("122B", "8xH200", Question(context=1_010_000)))
    assert json.loads(value(million, "--hf-overrides"))["text_config"]["rope_parameters"]["factor"] == 4.0


@pytest.mark.parametrize(
    ("model", "template", "flags"),
    [
        ("122B", "own", []),
        ("122B", "3.6", ["--chat-template", "--default-chat-template-kwargs"]),
        ("3.6-27B", "3.6", ["--default-chat-template-kwargs"]),
        ("3.8-27B", "3.6", []),
    ],
)
def test_templates(model: str, template: Template, flags: list[str]) -> None:
    command = serve_command(planned(model, "8xH100", Question(context=131_072)), template=template)
    assert [flag for flag in command.arguments if "chat-template" in flag] == flags
    if flags:
        assert json.loads(value(command, "--default-chat-template-kwargs")) == {"preserve_thinking": True}


def test_the_shipped_template_is_qwens_own() -> None:
    digest = "e84f32a23fdda27689f868aa4a1a5621f41133e51a48d7f3efcbea2839574259"
    assert hashlib.sha256(TEMPLATE.read_bytes()).hexdigest() == digest


def test_images_cache_type_and_prediction() -> None:
    asked = planned("122B", "4xH100", Question(context=65_536, vision=True, cache=CacheType.FP8, speculative=2))
    command = serve_command(asked)
    assert "--language-model-only" not in command.arguments
    assert value(command, "--kv-cache-dtype") == "fp8"
    assert json.loads(value(command, "--speculative-config")) == {"method": "mtp", "num_speculative_tokens": 2}


def test_experts_that_cannot_be_cut_are_dealt_out_whole() -> None:
    assert "--enable-expert-parallel" in serve_command(planned("35B", "8xH100", Question(context=65_536))).arguments
    for machine, precision in (("4xH100", Precision.FP8), ("8xH100", Precision.BF16)):
        command = serve_command(planned("35B", machine, Question(context=65_536), precision))
        assert "--enable-expert-parallel" not in command.arguments


def test_precisions_without_a_checkpoint() -> None:
    online = serve_command(planned("9B", "4090", Question(context=32_768)))
    assert (online.arguments[0], value(online, "--quantization")) == ("Qwen/Qwen3.5-9B", "fp8")
    own = serve_command(planned("9B", "4090", Question(context=32_768), Precision.AWQ))
    assert own.arguments[0] == "YOUR-Qwen3.5-9B-AWQ-CHECKPOINT"


def test_a_processor_gets_a_cache_of_the_size_that_is_needed() -> None:
    command = serve_command(planned("0.8B", "cpu-32GB", Question(context=32_768, agents=4), Precision.BF16))
    assert command.environment == {"VLLM_CPU_KVCACHE_SPACE": "2"}
    assert "--gpu-memory-utilization" not in command.arguments


def test_extra_arguments_come_last() -> None:
    command = serve_command(planned("122B", "8xH100", Question()), extra=["--seed", "7"])
    assert command.arguments[-2:] == ("--seed", "7")


@pytest.mark.parametrize(
    "asked",
    [
        lambda: Question(context=2_000_000),
        lambda: Question(context=5),
        lambda: Question(agents=0),
        lambda: Question(speculative=9),
        lambda: Question(share=2),
    ],
)
def test_what_cannot_be_asked(asked: Callable[[], Question]) -> None:
    with pytest.raises(PlanError):
        asked()


def test_a_size_that_does_not_divide_the_heads() -> None:
    with pytest.raises(PlanError, match="possible: 1, 2, 4"):
        planned("122B", "6xH100", Question(parallel=3))
    with pytest.raises(PlanError, match="there are 6"):
        planned("122B", "6xH100", Question(parallel=8))
    assert planned("122B", "6xH100", Question()).parallel == 4
    assert {checkpoint.name for checkpoint in CHECKPOINTS} >= {"Qwen3.5-0.8B", "Qwen3.8-27B"}
