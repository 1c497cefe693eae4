"""What holds for every model, machine and question."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from serving.fit.families import CHECKPOINTS, Checkpoint
from serving.fit.gpus import GIB, GPUS, Machine
from serving.fit.memory import Cache, CacheType
from serving.fit.plan import Fit, Question, Verdict, best, divisors, fit, precisions, side_by_side
from serving.fit.weights import Precision, weight_bytes

checkpoints = st.sampled_from(CHECKPOINTS)
machines = st.builds(Machine, st.sampled_from([1, 2, 3, 4, 8]), st.sampled_from(GPUS))
questions = st.builds(
    Question,
    context=st.sampled_from([0, 16_384, 131_072, 262_144, 500_000]),
    agents=st.integers(1, 64),
    cache=st.sampled_from(CacheType),
    speculative=st.sampled_from([0, 1, 3]),
    vision=st.booleans(),
)
plans = st.builds(fit, checkpoints, st.sampled_from(Precision), machines, questions)


@given(plans)
def test_what_fits_does_fit(plan: Fit) -> None:
    if plan.verdict is Verdict.FITS:
        assert plan.agents >= plan.question.agents
        assert plan.used_at(plan.context, plan.agents) <= plan.budget.usable <= plan.machine.gpu.memory
        assert plan.used_at(plan.context, plan.agents + 1) > plan.budget.usable
        assert 1 <= plan.sequences <= 256
        assert plan.sequences * plan.cache.request_blocks(1) <= max(plan.blocks, plan.cache.request_blocks(1))


@given(plans)
def test_the_longest_context_is_the_longest(plan: Fit) -> None:
    if plan.verdict is not Verdict.TOO_LARGE and plan.longest < 1_010_000:
        assert plan.agents_at(plan.longest) >= plan.question.agents
        assert plan.agents_at(plan.longest + plan.cache.block_tokens) < plan.question.agents


@given(plans, st.integers(1024, 900_000), st.integers(1, 100_000))
def test_more_context_never_holds_more_agents(plan: Fit, context: int, more: int) -> None:
    assert plan.agents_at(context + more) <= plan.agents_at(context)
    assert plan.used_at(context + more, 3) >= plan.used_at(context, 3)


@given(checkpoints, st.sampled_from(Precision), machines, questions, st.integers(1, 64))
def test_more_memory_never_holds_less(
    checkpoint: Checkpoint, precision: Precision, machine: Machine, question: Question, gib: int
) -> None:
    larger = replace(machine.gpu, memory=machine.gpu.memory + gib * GIB)
    small, large = (fit(checkpoint, precision, Machine(machine.count, gpu), question) for gpu in (machine.gpu, larger))
    # A larger GPU may work in larger pieces, which cost it activations.
    spent = large.budget.activations - small.budget.activations
    assert large.budget.cache + max(0, spent) >= small.budget.cache


@given(checkpoints, st.booleans(), st.booleans())
def test_fewer_bits_weigh_less(checkpoint: Checkpoint, vision: bool, prediction: bool) -> None:
    sizes = [weight_bytes(checkpoint.shape, precision, vision=vision, prediction=prediction) for precision in Precision]
    bf16, fp8, int4, awq = sizes
    assert bf16 > fp8 > awq
    assert bf16 > int4 >= awq


@given(checkpoints, st.sampled_from([1, 2, 4, 8]), st.sampled_from(CacheType), st.integers(0, 4))
def test_a_block_holds_a_state(checkpoint: Checkpoint, parallel: int, kind: CacheType, speculative: int) -> None:
    if parallel not in divisors(checkpoint.shape, parallel):
        return
    cache = Cache(checkpoint.shape, parallel, kind, speculative)
    assert cache.block_tokens % 16 == 0
    assert cache.block_bytes * cache.linear_groups >= cache.state_bytes
    assert cache.block_bytes == cache.block_tokens * cache.kv_bytes_per_token


@given(checkpoints, machines, questions)
def test_the_best_is_one_of_those_tried(checkpoint: Checkpoint, machine: Machine, question: Question) -> None:
    tried = [fit(checkpoint, one, machine, question) for one in precisions(checkpoint, machine.gpu)]
    chosen = best(tried)
    assert chosen in tried
    assert chosen.verdict is Verdict.FITS or all(one.verdict is not Verdict.FITS for one in tried)


@given(plans)
def test_servers_beside_each_other_hold_more_or_are_not_offered(plan: Fit) -> None:
    other = side_by_side(plan)
    if other is not None:
        assert other.servers * other.parallel <= plan.machine.count
        assert other.servers * other.agents > plan.agents


def test_kv_divides_only_down_to_one_head() -> None:
    shape = CHECKPOINTS[6].shape
    assert shape.kv_heads == 2
    assert [Cache(shape, tp).kv_bytes_per_token for tp in (1, 2, 4, 8)] == [24_576, 12_288, 12_288, 12_288]
    assert [Cache(shape, tp).state_bytes * tp for tp in (2, 4, 8)] == [Cache(shape).state_bytes] * 3
