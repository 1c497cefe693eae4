"""Bytes of a checkpoint's weights on the GPUs, by precision.

What a quantisation leaves alone decides the size. Sources: model cards of Qwen's FP8 checkpoints (blocks of 128 x 128;
embeddings, head and vision tower stay bf16) and of GPTQ ones (experts or feed-forward only, groups of 128); sizes as
published are tests (`tests/serving/fit/test_weights.py`).
"""

from enum import StrEnum
from math import ceil

from serving.fit.architecture import Architecture, Parameters, parameters, prediction_parameters

BF16_BYTES = 2.0
FP8_BYTES = 1.0 + 4 / (128 * 128)
"""One byte, and one float32 scale a block."""
INT4_BYTES = (4 + 16 / 128 + 4 / 128) / 8
"""Four bits, and a scale and a zero point a group of 128."""
VISION_PARAMETERS = {True: 460_000_000, False: 330_000_000}
"""The vision tower of models with at least 2,560 hidden units, and an upper estimate for the small ones."""
RECIPE_MARGIN = 1.2


class Precision(StrEnum):
    """How weights are stored."""

    BF16 = "bf16"
    FP8 = "fp8"
    INT4 = "int4"
    AWQ = "awq"


MEANINGS = {
    Precision.BF16: "as trained",
    Precision.FP8: "all linear layers in 8 bits",
    Precision.INT4: "experts (or feed-forward) in 4 bits, the rest bf16, as Qwen's GPTQ-Int4",
    Precision.AWQ: "all but embeddings, routers and shared experts in 4 bits, as AWQ and AutoRound",
}


def weight_bytes(shape: Architecture, precision: Precision, *, vision: bool = False, prediction: bool = False) -> int:
    """Bytes of all weights together; `prediction` adds the layer that multi-token prediction needs."""
    counted = parameters(shape)
    text = counted.embeddings * BF16_BYTES + _linear_bytes(counted, precision)
    extra = VISION_PARAMETERS[shape.hidden >= 2560] if vision else 0
    if prediction:
        extra += prediction_parameters(shape)
    return round(text + extra * BF16_BYTES)


def _linear_bytes(counted: Parameters, precision: Precision) -> float:
    rest = counted.attention + counted.other
    match precision:
        case Precision.BF16:
            return (counted.feed_forward + rest) * BF16_BYTES
        case Precision.FP8:
            return (counted.feed_forward + rest) * FP8_BYTES
        case Precision.INT4:
            return counted.feed_forward * INT4_BYTES + rest * BF16_BYTES
        case Precision.AWQ:
            return (counted.feed_forward + counted.attention) * INT4_BYTES + counted.other * BF16_BYTES


def recipe_minimum_gb(shape: Architecture, bits: int) -> int:
    """The `vram_minimum_gb` of vLLM's recipes: billions of parameters by bytes, a fifth more, rounded up."""
    return ceil(round(parameters(shape).total / 1e9) * bits / 8 * RECIPE_MARGIN)
