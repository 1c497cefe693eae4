"""The answer: does a model fit on a machine, with what context, and for how many agents at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from serving.fit.architecture import LONGEST_CONTEXT, Architecture
from serving.fit.budget import Budget, activation_bytes, batched_tokens, budget, utilisation
from serving.fit.families import Checkpoint
from serving.fit.gpus import GIB, Gpu, Machine
from serving.fit.memory import CPU_BLOCK_ALIGNMENT, GPU_BLOCK_ALIGNMENT, Cache, CacheType
from serving.fit.weights import Precision, weight_bytes

LEAST_CONTEXT = 32_768
"""Tokens below which an agent summarises more than it works."""
GOOD_CONTEXT = 131_072
"""Tokens that Qwen's card advises to keep for a thinking model."""
QUANTISATION_BLOCK = 128


class PlanError(ValueError):
    """The question cannot be answered as put; the message says what to change."""


class Verdict(StrEnum):
    """What comes of a question."""

    FITS = "fits"
    SHORT = "short"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    0 tokens of context: as much as there is room for. 0 for `parallel`: as many GPUs as divide the model.
    `speculative` is the number of tokens that multi-token prediction guesses, 0 for none; `share` of the memory that
    vLLM may take, 0 for its default.
    """

    context: int = 0
    agents: int = 1
    cache: CacheType = CacheType.BF16
    speculative: int = 0
    vision: bool = False
    parallel: int = 0
    share: float = 0.0

    def __post_init__(self) -> None:
        if self.agents < 1:
            raise PlanError("At least one agent needs a place: --agents 1 or more.")
        if self.context and not 1024 <= self.context <= LONGEST_CONTEXT:
            raise PlanError(f"A context of {self.context:,} tokens cannot be served; give 1024 to {LONGEST_CONTEXT:,}.")
        if not 0 <= self.speculative <= 8:
            raise PlanError("Multi-token prediction guesses 1 to 8 tokens; 0 turns it off.")
        if not 0 <= self.share <= 0.99:
            raise PlanError("--gpu-memory-utilization is a share between 0.1 and 0.99.")


@dataclass(frozen=True, slots=True)
class Fit:
    """One model in one precision on one machine. Bytes are per GPU.

    `context` is the planned one, `agents` how many conversations of that length fit at once, `longest` the most tokens
    that each of the asked number of agents can have.
    """

    checkpoint: Checkpoint
    precision: Precision
    machine: Machine
    question: Question
    parallel: int
    share: float
    cache: Cache
    budget: Budget
    batched: int
    context: int
    agents: int
    longest: int
    verdict: Verdict

    @property
    def sequences(self) -> int:
        """`--max-num-seqs`: no more requests than the cache can hold at their smallest."""
        return max(1, min(256, self.blocks // self.cache.request_blocks(1)))

    @property
    def blocks(self) -> int:
        """Blocks of the cache."""
        return self.cache.pool_blocks(self.budget.cache)

    @property
    def servers(self) -> int:
        """How many such servers the machine holds beside each other."""
        return self.machine.count // self.parallel

    @property
    def named(self) -> bool:
        """Whether a published checkpoint has this precision, or vLLM makes it of one as it loads (FP8)."""
        return self.precision is Precision.FP8 or self.checkpoint.source(self.precision) is not None

    @property
    def expert_parallel(self) -> bool:
        """Whether experts must be dealt out whole: a quantised one cannot be cut within a quantisation block.

        vLLM 0.32 `fp8_utils.validate_fp8_block_shape_moe`.
        """
        experts = self.checkpoint.shape.experts
        cut = experts is not None and (experts.width // self.parallel) % QUANTISATION_BLOCK != 0
        return cut and self.precision is not Precision.BF16

    @property
    def processor_cache_gib(self) -> int:
        """GiB of cache on a processor: what the asked agents need, for its memory is not there for vLLM alone."""
        needed = self.question.agents * self.cache.agent_blocks(self.context) * self.cache.block_bytes
        return max(1, -(-needed // GIB))

    def agents_at(self, context: int) -> int:
        """Conversations of that many tokens that fit at once."""
        return self.blocks // self.cache.agent_blocks(context)

    def used_at(self, context: int, agents: int) -> int:
        """Bytes in use with so many conversations of that length."""
        return (
            self.budget.usable - self.budget.cache + agents * self.cache.agent_blocks(context) * self.cache.block_bytes
        )


def divisors(shape: Architecture, most: int) -> list[int]:
    """Tensor-parallel sizes that the model's heads allow, smallest first."""

    def allowed(size: int) -> bool:
        heads = (shape.query_heads, shape.linear_key_heads, shape.linear_value_heads)
        return all(count % size == 0 for count in heads) and (shape.kv_heads % size == 0 or size % shape.kv_heads == 0)

    return [size for size in range(1, most + 1) if allowed(size)]


def fit(checkpoint: Checkpoint, precision: Precision, machine: Machine, question: Question) -> Fit:
    """Work it out. Raises `PlanError` for a tensor-parallel size that the machine or the model does not have."""
    gpu, shape = machine.gpu, checkpoint.shape
    parallel = _parallel(shape, machine, question.parallel)
    alignment = CPU_BLOCK_ALIGNMENT if gpu.cpu else GPU_BLOCK_ALIGNMENT
    cache = Cache(shape, parallel, question.cache, question.speculative, alignment)
    batched = batched_tokens(gpu, cache.block_tokens)
    share = question.share or utilisation(gpu)
    weights = checkpoint.weights or weight_bytes(
        shape, precision, vision=question.vision, prediction=question.speculative > 0
    )
    room = budget(gpu, share, -(-weights // parallel), activation_bytes(shape, parallel, batched))
    longest = min(cache.longest_context(room.cache, question.agents), LONGEST_CONTEXT)
    native = min(longest, shape.native_context)
    context = question.context or native // 1024 * 1024
    agents = cache.pool_blocks(room.cache) // cache.agent_blocks(context)
    if room.cache <= 0 or longest == 0:
        verdict = Verdict.TOO_LARGE
    elif agents < question.agents or (not question.context and context < LEAST_CONTEXT):
        verdict = Verdict.SHORT
    else:
        verdict = Verdict.FITS
    return Fit(
        checkpoint,
        precision,
        machine,
        question,
        parallel,
        share,
        cache,
        room,
        batched,
        context,
        agents,
        longest,
        verdict,
    )


def _parallel(shape: Architecture, machine: Machine, wanted: int) -> int:
    sizes = divisors(shape, machine.count)
    if not wanted:
        return 1 if machine.gpu.cpu else sizes[-1]
    if wanted > machine.count:
        raise PlanError(f"--tp {wanted} needs {wanted} GPUs; there are {machine.count}.")
    if wanted not in sizes:
        raise PlanError(f"--tp {wanted} does not divide the model's heads; possible: {', '.join(map(str, sizes))}.")
    return wanted


def precisions(checkpoint: Checkpoint, gpu: Gpu) -> list[Precision]:
    """Precisions in the order in which to try them: official checkpoints first, FP8 where the hardware computes it."""
    if len(checkpoint.repositories) == 1 and checkpoint.weights:
        return list(checkpoint.repositories)
    official = [p for p in (Precision.FP8, Precision.BF16, Precision.INT4) if checkpoint.source(p)]
    if not gpu.fp8:
        # Marlin keeps FP8 weights in 8 bits on older GPUs and computes in bf16: room is saved, time is not.
        official.sort(key=lambda p: (p is Precision.FP8, p is Precision.INT4))
    return official + [p for p in (Precision.FP8, Precision.AWQ) if p not in official]


def best(fits: Sequence[Fit]) -> Fit:
    """The one to serve: the first that holds what was asked (or a good context) from a checkpoint that can be named.

    After that one from a checkpoint of the user's own, after that the one with the longest context.
    """

    def good(one: Fit) -> bool:
        return one.verdict is Verdict.FITS and (one.question.context > 0 or one.context >= GOOD_CONTEXT)

    for one in fits:
        if good(one) and one.named:
            return one
    fitting = [one for one in fits if one.verdict is Verdict.FITS and one.named] or fits
    return max(fitting, key=lambda one: (one.verdict is Verdict.FITS, one.named, one.longest, one.budget.cache))


def side_by_side(plan: Fit) -> Fit | None:
    """The same model on fewer GPUs a server, several servers beside each other, where that holds more agents."""
    if plan.question.parallel or plan.machine.gpu.cpu:
        return None
    smaller = [
        fit(plan.checkpoint, plan.precision, plan.machine, replace(plan.question, parallel=size, context=plan.context))
        for size in divisors(plan.checkpoint.shape, plan.parallel // 2)
        if plan.machine.count % size == 0
    ]
    fitting = [one for one in smaller if one.verdict is Verdict.FITS and one.servers * one.agents > plan.agents]
    return max(fitting, key=lambda one: one.servers * one.agents, default=None)
