"""A checkpoint from a folder of weights: its shape from `config.json`, its size from the files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from serving.fit.architecture import NATIVE_CONTEXT, VOCABULARY, Architecture, Experts
from serving.fit.families import Checkpoint, UnknownName
from serving.fit.weights import Precision

_PRECISIONS = {"fp8": Precision.FP8, "gptq": Precision.INT4, "awq": Precision.AWQ, "auto-round": Precision.AWQ}
_PRESERVES = "preserve_thinking"


def read_folder(folder: Path) -> tuple[Checkpoint, Precision]:
    """The checkpoint in a folder. Raises `UnknownName` when it is none of this family; the message says why."""
    path = folder / "config.json"
    try:
        loaded: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnknownName(
            f"{folder} has no readable config.json ({error.strerror}); is it a folder of weights?"
        ) from error
    except ValueError as error:
        raise UnknownName(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(loaded, dict):
        raise UnknownName(f"{path} holds no object.")
    config = cast("Mapping[str, object]", loaded)
    text = config.get("text_config")
    inner = cast("Mapping[str, object]", text) if isinstance(text, dict) else config
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    precision = _precision(config)
    checkpoint = Checkpoint(
        name=folder.resolve().name,
        shape=shape_of(inner, path),
        repositories={precision: str(folder.resolve())},
        template=_template(folder),
        weights=weights,
        vision="vision_config" in config,
        nested=isinstance(text, dict),
    )
    return checkpoint, precision


def shape_of(config: Mapping[str, object], path: Path) -> Architecture:
    """The shape that a text model's configuration describes."""
    kind = str(config.get("model_type", ""))
    if not kind.startswith("qwen3_5") and not isinstance(config.get("linear_num_value_heads"), int):
        raise UnknownName(
            f"{path} describes a model of type {kind or 'unknown'!r}; "
            "only the hybrids of Qwen3.5, 3.6 and 3.8 are known here."
        )

    def number(key: str, default: int | None = None) -> int:
        value = config.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnknownName(f"{path} has no usable {key!r}.")
        return value

    experts = None
    if number("num_experts", 0):
        experts = Experts(
            number("num_experts"),
            number("num_experts_per_tok"),
            number("moe_intermediate_size"),
            number("shared_expert_intermediate_size", 0),
        )
    interval = number("full_attention_interval", 4)
    if not interval or number("num_hidden_layers") < interval:
        raise UnknownName(f"{path} has no layer of full attention.")
    return Architecture(
        layers=number("num_hidden_layers"),
        hidden=number("hidden_size"),
        query_heads=number("num_attention_heads"),
        kv_heads=number("num_key_value_heads"),
        linear_value_heads=number("linear_num_value_heads"),
        width=number("intermediate_size", 0) if experts is None else 0,
        experts=experts,
        tied=config.get("tie_word_embeddings") is True,
        full_attention_interval=interval,
        head_dim=number("head_dim"),
        linear_key_heads=number("linear_num_key_heads"),
        linear_head_dim=number("linear_value_head_dim"),
        vocabulary=number("vocab_size", VOCABULARY),
        native_context=number("max_position_embeddings", NATIVE_CONTEXT),
    )


def _precision(config: Mapping[str, object]) -> Precision:
    settings = config.get("quantization_config")
    if not isinstance(settings, dict):
        return Precision.BF16
    method = str(cast("Mapping[str, object]", settings).get("quant_method", ""))
    return _PRECISIONS.get(method, Precision.AWQ)


def _template(folder: Path) -> str:
    """The generation of the folder's own chat template, as far as it matters: can it keep reasoning?"""
    for name in ("chat_template.jinja", "tokenizer_config.json"):
        try:
            if _PRESERVES in (folder / name).read_text(encoding="utf-8"):
                return "3.6"
        except (OSError, UnicodeDecodeError):
            continue
    return "3.5"
