"""What one conversation costs on each GPU, as vLLM's hybrid cache counts it.

The cache is a pool of blocks of one size. A block holds `block_tokens` tokens of one group of layers; the family has
four groups of equal size, one of full attention and three of linear attention, and all of them draw from the pool. In
the `align` mode that prefix caching forces, a running request holds two states a linear group (and one more a
speculative token); a checkpoint that makes a prefix reusable holds one. Sources, vLLM 0.32: `platforms/interface.py`
(block size), `v1/kv_cache_interface.py` MambaSpec, `v1/core/kv_cache_utils.py` get_max_concurrency_for_kv_cache_config.
The outcome equals what real servers logged (`tests/serving/fit/test_memory.py`).
"""

from dataclasses import dataclass
from enum import StrEnum

from serving.fit.architecture import CONV_WIDTH, Architecture

GPU_BLOCK_ALIGNMENT = 16
CPU_BLOCK_ALIGNMENT = 128
_STATE_BYTES = 4
_CONV_BYTES = 2


class CacheType(StrEnum):
    """How the KV cache is stored. States are float32 and convolutions bf16 in either."""

    BF16 = "bf16"
    FP8 = "fp8"

    @property
    def bytes(self) -> int:
        """Bytes of one element."""
        return 2 if self is CacheType.BF16 else 1


@dataclass(frozen=True, slots=True)
class Cache:
    """The cache's layout on one GPU: tensor-parallel rank count, element type, speculative tokens, block alignment."""

    shape: Architecture
    parallel: int = 1
    type: CacheType = CacheType.BF16
    speculative: int = 0
    alignment: int = GPU_BLOCK_ALIGNMENT

    @property
    def kv_bytes_per_token(self) -> int:
        """Of all full-attention layers. Heads divide among GPUs only down to one; beyond that each holds a copy."""
        return self.shape.full_layers * self._layer_token_bytes

    @property
    def _layer_token_bytes(self) -> int:
        heads = max(1, self.shape.kv_heads // self.parallel)
        return 2 * heads * self.shape.head_dim * self.type.bytes

    @property
    def _layer_state_bytes(self) -> int:
        window = CONV_WIDTH - 1 + self.speculative
        convolution = self.shape.conv_channels * window * _CONV_BYTES
        state = self.shape.linear_value_heads * self.shape.linear_head_dim**2 * _STATE_BYTES
        return (convolution + state) // self.parallel

    @property
    def state_bytes(self) -> int:
        """The state of one conversation in all linear layers, before it is padded to blocks."""
        return self.shape.linear_layers * self._layer_state_bytes

    @property
    def block_tokens(self) -> int:
        """Tokens of a block: so many that a layer's state fits into the bytes of its keys and values."""
        aligned = self.alignment * self._layer_token_bytes
        return self.alignment * _ceil(self._layer_state_bytes, aligned)

    @property
    def linear_groups(self) -> int:
        """Groups of linear layers; each is as large as the one group of full attention."""
        return _ceil(self.shape.linear_layers, self.shape.full_layers)

    @property
    def block_bytes(self) -> int:
        """One block, in all layers of a group."""
        return self.shape.full_layers * self.block_tokens * self._layer_token_bytes

    @property
    def checkpoint_blocks(self) -> int:
        """Blocks of one retained state, at which a later request can take up the prefix."""
        return self.linear_groups

    def request_blocks(self, context: int) -> int:
        """Blocks that vLLM counts for a running request of so many tokens."""
        return _ceil(context, self.block_tokens) + self.linear_groups * (2 + self.speculative)

    def agent_blocks(self, context: int) -> int:
        """Blocks of an agent's conversation: its request, and the checkpoint from which the next step goes on."""
        return self.request_blocks(context) + self.checkpoint_blocks

    def pool_blocks(self, pool_bytes: int) -> int:
        """Blocks in so many bytes."""
        return max(0, pool_bytes) // self.block_bytes

    def concurrency(self, pool_bytes: int, context: int) -> float:
        """What vLLM logs as its maximum concurrency at this context length."""
        return self.pool_blocks(pool_bytes) / self.request_blocks(context)

    def longest_context(self, pool_bytes: int, agents: int) -> int:
        """Most tokens that each of so many agents can have at once; 0 when not even their states fit."""
        each = self.pool_blocks(pool_bytes) // agents
        return max(0, (each - self.agent_blocks(0)) * self.block_tokens)


def _ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)
