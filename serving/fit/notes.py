"""What to know before a plan is served."""

from serving.fit.plan import Fit, side_by_side
from serving.fit.weights import Precision


def notes(plan: Fit) -> list[str]:
    """What to know before serving it."""
    return [*_devices(plan), *_quality(plan)]


def _devices(plan: Fit) -> list[str]:
    said: list[str] = []
    gpu, shape = plan.machine.gpu, plan.checkpoint.shape
    if plan.parallel < plan.machine.count and not plan.question.parallel:
        said.append(
            f"{plan.machine.count - plan.parallel} of the {plan.machine.count} GPUs stay idle: "
            f"the model's heads divide among {plan.parallel}, not more of them."
        )
    if plan.parallel > shape.kv_heads:
        said.append(
            f"With {shape.kv_heads} KV heads the cache divides by {shape.kv_heads}, not by {plan.parallel}: "
            "more GPUs make room by sharing the weights."
        )
    if (other := side_by_side(plan)) is not None:
        said.append(
            f"{other.servers} servers with --tp {other.parallel} beside each other hold {other.servers * other.agents} "
            f"such conversations in all; one with --tp {plan.parallel} answers each sooner."
        )
    if plan.parallel > 8:
        said.append("More than eight GPUs are mostly more than one machine; vLLM then needs Ray or --nnodes besides.")
    if gpu.cpu:
        said.append(
            f"On a processor the cache gets no more than the agents asked for need: {plan.processor_cache_gib} GiB "
            "(VLLM_CPU_KVCACHE_SPACE)."
        )
    if gpu.unified and not gpu.cpu:
        said.append("The system lives in the same memory; close what you do not need, or vLLM will not get its share.")
    return said


def _quality(plan: Fit) -> list[str]:
    said: list[str] = []
    gpu, shape = plan.machine.gpu, plan.checkpoint.shape
    if plan.precision is Precision.FP8 and not gpu.fp8:
        said.append("This GPU does not compute in FP8: weights are kept in 8 bits (Marlin), speed is that of bf16.")
    if plan.precision in (Precision.INT4, Precision.AWQ):
        said.append(
            "Four bits cost quality: one harness counted 10.2 % wrong tool calls with a 122B AWQ and an FP8 cache."
        )
    if plan.checkpoint.source(plan.precision) is None and plan.precision in (Precision.INT4, Precision.AWQ):
        said.append("No published checkpoint in this precision is known here; put your own in the command.")
    if plan.context > shape.native_context:
        said.append(
            "Past the native context YaRN stretches positions; short prompts get worse by it. Serve it only if needed."
        )
    if plan.question.speculative:
        said.append(
            "Multi-token prediction with prefix caching has corrupted output on these hybrids (vLLM issues 43559, "
            "53912); put the same question thrice before you trust it. The cache of its own layer is not counted here."
        )
    if plan.question.cache.value == "fp8":
        said.append(
            "An FP8 cache holds twice the tokens; vLLM scales it by 1.0 unless the checkpoint has scales of its own."
        )
    return said
