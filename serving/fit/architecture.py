"""The shape of a Qwen3.5 model, and the parameters that follow from it.

Every model of the family repeats three layers of linear attention (Gated DeltaNet, a state of fixed size) and one
layer of full attention (a KV cache that grows): only a quarter of the layers has a KV cache. Source: the public
`config.json` of the checkpoints; vLLM 0.32 `model_executor/models/qwen3_5.py`, `layers/mamba/mamba_utils.py`.
"""

from dataclasses import dataclass

HEAD_DIM = 256
LINEAR_KEY_HEADS = 16
LINEAR_HEAD_DIM = 128
CONV_WIDTH = 4
VOCABULARY = 248_320
NATIVE_CONTEXT = 262_144
LONGEST_CONTEXT = 1_010_000
"""Tokens: what the models were trained for, and what their card allows with YaRN."""


@dataclass(frozen=True, slots=True)
class Experts:
    """A mixture-of-experts layer: routed experts, how many a token visits, widths of a routed and of the shared one."""

    count: int
    per_token: int
    width: int
    shared_width: int


@dataclass(frozen=True, slots=True)
class Architecture:
    """One model's shape. `width` is a dense layer's, 0 where `experts` takes its place."""

    layers: int
    hidden: int
    query_heads: int
    kv_heads: int
    linear_value_heads: int
    width: int = 0
    experts: Experts | None = None
    tied: bool = False
    full_attention_interval: int = 4
    head_dim: int = HEAD_DIM
    linear_key_heads: int = LINEAR_KEY_HEADS
    linear_head_dim: int = LINEAR_HEAD_DIM
    vocabulary: int = VOCABULARY
    native_context: int = NATIVE_CONTEXT

    @property
    def full_layers(self) -> int:
        """Layers with a KV cache."""
        return self.layers // self.full_attention_interval

    @property
    def linear_layers(self) -> int:
        """Layers with a state instead."""
        return self.layers - self.full_layers

    @property
    def conv_channels(self) -> int:
        """Channels of a linear layer's convolution: keys, queries and values."""
        return self.linear_head_dim * (2 * self.linear_key_heads + self.linear_value_heads)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Numbers of weights, by what a quantisation treats alike."""

    embeddings: int
    attention: int
    feed_forward: int
    other: int

    @property
    def total(self) -> int:
        """All of the language model."""
        return self.embeddings + self.attention + self.feed_forward + self.other


def parameters(shape: Architecture) -> Parameters:
    """Weights of the language model; without vision tower and multi-token prediction."""
    full, linear = _attention(shape), _linear_attention(shape)
    routed, other = _feed_forward(shape)
    return Parameters(
        embeddings=shape.vocabulary * shape.hidden * (1 if shape.tied else 2),
        attention=shape.full_layers * full + shape.linear_layers * linear,
        feed_forward=shape.layers * routed,
        other=shape.layers * other,
    )


def active_parameters(shape: Architecture) -> int:
    """Weights that one token passes through, embeddings counted whole, as the models' names do (A10B)."""
    counted = parameters(shape)
    routed = counted.feed_forward
    if shape.experts is not None:
        routed = routed * shape.experts.per_token // shape.experts.count
    return counted.embeddings + counted.attention + routed + counted.other


def prediction_parameters(shape: Architecture) -> int:
    """Weights of the one layer of multi-token prediction, loaded only when it is used."""
    routed, other = _feed_forward(shape)
    return _attention(shape) + routed + other + 2 * shape.hidden * shape.hidden


def _attention(shape: Architecture) -> int:
    # The query projection is twice as wide as its heads: the other half is the output gate.
    return shape.hidden * shape.head_dim * (3 * shape.query_heads + 2 * shape.kv_heads)


def _linear_attention(shape: Architecture) -> int:
    values = shape.linear_value_heads * shape.linear_head_dim
    projections = shape.hidden * (shape.conv_channels + 2 * values + 2 * shape.linear_value_heads)
    return projections + shape.conv_channels * CONV_WIDTH


def _feed_forward(shape: Architecture) -> tuple[int, int]:
    """Per layer: what is quantised to four bits everywhere, and the rest (shared expert, router)."""
    if shape.experts is None:
        return 3 * shape.hidden * shape.width, 0
    experts = shape.experts
    shared = 3 * shape.hidden * experts.shared_width + shape.hidden * (experts.count + 1)
    return 3 * shape.hidden * experts.width * experts.count, shared
