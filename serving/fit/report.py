"""A plan as text for people, and as data for programs."""

from collections.abc import Sequence

from serving.fit.architecture import active_parameters
from serving.fit.budget import CONTEXT_RESERVE, CPU_RESERVE
from serving.fit.gpus import GIB, MIB
from serving.fit.notes import notes
from serving.fit.plan import GOOD_CONTEXT, LEAST_CONTEXT, Fit, Verdict
from serving.fit.weights import MEANINGS

CONTEXTS = (32_768, 65_536, 131_072, 262_144, 524_288, 1_010_000)


def tokens(count: int) -> str:
    """`131072` as `128k`, other numbers with separators."""
    return f"{count // 1024}k" if count % 1024 == 0 else f"{count:,}"


def table(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns two blanks apart: the first `left` of them left-aligned, the others right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = enumerate(zip(row, widths, strict=True))
        return "  ".join(cell.ljust(width) if n < left else cell.rjust(width) for n, (cell, width) in cells).rstrip()

    return "\n".join(map(line, rows))


def sentence(plan: Fit) -> str:
    """The answer in one sentence, or two."""
    name, machine = f"{plan.checkpoint.name} in {plan.precision.value}", plan.machine
    if plan.verdict is Verdict.TOO_LARGE:
        room, need = plan.budget, plan.cache.agent_blocks(LEAST_CONTEXT) * plan.cache.block_bytes
        each = "" if machine.gpu.cpu else " of each GPU"
        return (
            f"{name} does not fit on {machine}: its weights take {room.weights / GIB:.1f} GiB of the "
            f"{room.usable / GIB:.1f}{each} that vLLM may have, and with the reserves and one conversation of "
            f"{tokens(LEAST_CONTEXT)} tokens {(need - room.cache) / GIB:.1f} GiB are missing."
        )
    agents = plan.question.agents
    who = f"{agents} agents" if agents > 1 else "1 agent"
    if plan.verdict is Verdict.SHORT and plan.question.context:
        return (
            f"{name} loads on {machine}, but there is room for {plan.agents} conversations of {tokens(plan.context)} "
            f"tokens, not {agents}. {who.capitalize()} can have {tokens(plan.longest // 1024 * 1024)} tokens each."
        )
    if plan.verdict is Verdict.SHORT:
        return (
            f"{name} loads on {machine}, but leaves {who} only {tokens(plan.context)} tokens of context; "
            f"work with less than {tokens(LEAST_CONTEXT)} is mostly summarising."
        )
    return (
        f"{name} fits on {machine}: {tokens(plan.context)} tokens of context for each of {plan.agents} "
        f"conversation{'s' if plan.agents != 1 else ''} at once ({who} asked for)."
    )


def memory_table(plan: Fit) -> str:
    """Where the memory of one GPU goes."""
    room, cache = plan.budget, plan.cache
    block = f"{cache.block_tokens:,} tokens, {cache.block_bytes / MIB:.1f} MiB"
    unit = "the processor" if plan.machine.gpu.cpu else "each GPU"
    start = CPU_RESERVE if plan.machine.gpu.cpu else CONTEXT_RESERVE
    rows = [
        (f"Memory of {unit}", f"{plan.machine.gpu.memory / GIB:.2f} GiB", ""),
        ("vLLM's share", f"{room.usable / GIB:.2f} GiB", f"{plan.share:.0%}"),
        ("weights", f"-{room.weights / GIB:.2f} GiB", _split(plan)),
        ("start-up reserve", f"-{start / GIB:.2f} GiB", "assumed"),
        ("activations", f"-{room.activations / GIB:.2f} GiB", f"assumed, {plan.batched:,} tokens a pass"),
        ("CUDA graphs", f"-{room.graphs / GIB:.2f} GiB", "assumed"),
        ("left for conversations", f"{room.cache / GIB:.2f} GiB", f"{plan.blocks:,} blocks of {block}"),
        ("KV cache a token", f"{cache.kv_bytes_per_token:,} B", f"{plan.question.cache.value}, {_layers(plan)}"),
        (
            "state a conversation",
            f"{cache.state_bytes / MIB:.1f} MiB",
            f"{2 + cache.speculative} while it runs, 1 kept",
        ),
    ]
    widths = [max(len(row[n]) for row in rows) for n in (0, 1)]
    return "\n".join(f"{a.ljust(widths[0])}  {b.rjust(widths[1])}  {c}".rstrip() for a, b, c in rows)


def _split(plan: Fit) -> str:
    return MEANINGS[plan.precision] + (f", over {plan.parallel} GPUs" if plan.parallel > 1 else "")


def _layers(plan: Fit) -> str:
    shape = plan.checkpoint.shape
    return f"{shape.full_layers} of {shape.layers} layers"


def contexts_table(plan: Fit) -> str:
    """How many conversations of which length fit at once."""
    lengths = [length for length in CONTEXTS if length <= max(plan.checkpoint.shape.native_context, plan.context)]
    counted = sorted({*lengths, plan.context}) if plan.context else lengths
    return table(
        [
            ("context of each", *map(tokens, counted)),
            ("agents at once", *(str(plan.agents_at(length)) for length in counted)),
        ]
    )


def plans_table(plans: Sequence[Fit]) -> str:
    """Several plans, one a line."""
    agents = plans[0].question.agents
    shown = plans[0].question.context or GOOD_CONTEXT
    context, room = f"CONTEXT FOR {agents}", f"AGENTS AT {tokens(shown)}"
    rows: list[Sequence[str]] = [("MODEL", "PRECISION", "VERDICT", "WEIGHTS GB", "LEFT/GPU GiB", context, room)]
    for one in plans:
        fits = one.verdict is not Verdict.TOO_LARGE
        longest = min(one.longest, one.checkpoint.shape.native_context) // 1024 * 1024
        rows.append(
            (
                one.checkpoint.name,
                one.precision.value,
                one.verdict.value,
                f"{one.budget.weights * one.parallel / 1e9:.1f}",
                f"{one.budget.cache / GIB:.1f}",
                tokens(longest) if fits else "-",
                str(one.agents_at(shown)) if fits else "-",
            )
        )
    return table(rows, left=3)


def as_data(plan: Fit, command: str) -> dict[str, object]:
    """The plan for programs: bytes, tokens and counts."""
    room, cache = plan.budget, plan.cache
    return {
        "model": plan.checkpoint.name,
        "precision": plan.precision.value,
        "machine": {"count": plan.machine.count, "gpu": plan.machine.gpu.name, "memory_bytes": plan.machine.gpu.memory},
        "verdict": plan.verdict.value,
        "context": plan.context,
        "agents_at_context": plan.agents,
        "longest_context": plan.longest,
        "agents_asked": plan.question.agents,
        "tensor_parallel": plan.parallel,
        "per_gpu_bytes": {
            "usable": room.usable,
            "weights": room.weights,
            "context_reserve": room.context,
            "activation_reserve": room.activations,
            "graph_reserve": room.graphs,
            "left_for_cache": room.cache,
        },
        "kv_bytes_per_token": cache.kv_bytes_per_token,
        "state_bytes": cache.state_bytes,
        "running_state_bytes": cache.linear_groups * (2 + cache.speculative) * cache.block_bytes,
        "block": {"tokens": cache.block_tokens, "bytes": cache.block_bytes, "count": plan.blocks},
        "agents_by_context": {str(length): plan.agents_at(length) for length in CONTEXTS},
        "weights_bytes": room.weights * plan.parallel,
        "active_parameters": active_parameters(plan.checkpoint.shape),
        "notes": notes(plan),
        "command": command,
    }
