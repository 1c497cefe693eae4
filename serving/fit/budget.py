"""Where a GPU's memory goes: weights, reserves, and what is left for the cache.

The reserves are assumptions, on the careful side, held against one published log (Qwen3.8-27B-FP8 on two RTX 5090:
15.0 GiB of weights and CUDA context, 1.59 GiB of peak activation, 0.09 GiB of CUDA graphs a GPU; club-3090 issue 1087).
vLLM measures the true ones when it starts, and its log then has the last word.
"""

from dataclasses import dataclass

from serving.fit.architecture import Architecture
from serving.fit.gpus import GIB, Gpu

DEFAULT_UTILISATION = 0.92
"""vLLM 0.32's own default of `--gpu-memory-utilization`."""
UNIFIED_UTILISATION = 0.80
"""Where the system lives in the same memory: above 0.85 users report swapping on a DGX Spark."""
CONTEXT_RESERVE = int(0.9 * GIB)
"""CUDA or ROCm context and communication buffers."""
GRAPH_RESERVE = GIB // 2
"""CUDA graphs, with `--max-num-seqs` held to what the cache can hold."""
CPU_RESERVE = 4 * GIB
"""vLLM on a CPU: interpreter, torch, compiled kernels (5.6 GB in all were measured with a 2 GiB cache)."""
MOST_SEQUENCES = 256
LARGE_GPU = 40 * GIB


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes on each GPU. `cache` is what is left, negative when even the weights do not fit."""

    usable: int
    weights: int
    context: int
    activations: int
    graphs: int

    @property
    def cache(self) -> int:
        """Left for KV cache and states."""
        return self.usable - self.weights - self.context - self.activations - self.graphs


def batched_tokens(gpu: Gpu, block_tokens: int) -> int:
    """`--max-num-batched-tokens`: long prompts in few pieces, but never less than a block."""
    usual = 8192 if gpu.memory >= LARGE_GPU else 4096
    return max(usual, -(-block_tokens // 1024) * 1024)


def activation_bytes(shape: Architecture, parallel: int, tokens: int, sequences: int = MOST_SEQUENCES) -> int:
    """Peak of a forward pass over `tokens` (bf16) and of sampling for `sequences` (float32 logits, twice)."""
    width, experts = shape.width, shape.experts
    residual = 14 * shape.hidden
    if experts is not None:
        width = experts.per_token * experts.width + experts.shared_width
        residual += experts.per_token * shape.hidden
    return tokens * 2 * (residual + 4 * width // parallel) + sequences * shape.vocabulary * 8


def utilisation(gpu: Gpu) -> float:
    """The share of the memory that vLLM may take."""
    return UNIFIED_UTILISATION if gpu.unified else DEFAULT_UTILISATION


def budget(gpu: Gpu, share: float, weights: int, activations: int) -> Budget:
    """The budget of one GPU; `weights` are its own part of them."""
    if gpu.cpu:
        return Budget(int(gpu.memory * share), weights, CPU_RESERVE, activations, 0)
    return Budget(int(gpu.memory * share), weights, CONTEXT_RESERVE, activations, GRAPH_RESERVE)
