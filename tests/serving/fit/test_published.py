"""The published figures of the family, reproduced from the shapes: parameters, weights, cache, state, blocks."""

import pytest

from serving.fit.architecture import active_parameters, parameters
from serving.fit.families import find_checkpoint
from serving.fit.memory import Cache, CacheType
from serving.fit.weights import Precision, recipe_minimum_gb, weight_bytes

MIB, GIB = 1 << 20, 1 << 30
FAMILY = [
    # name, layers, with KV, parameters and active ones in 10^9, KV bytes a token in bf16, MiB of state
    ("0.8B", 24, 6, 0.75, 0.75, 12_288, 18.6),
    ("2B", 24, 6, 1.88, 1.88, 12_288, 18.6),
    ("4B", 32, 8, 4.21, 4.21, 32_768, 49.1),
    ("9B", 32, 8, 8.95, 8.95, 32_768, 49.1),
    ("27B", 64, 16, 26.9, 26.9, 65_536, 146.8),
    ("3.6-27B", 64, 16, 26.9, 26.9, 65_536, 146.8),
    ("3.8-27B", 64, 16, 26.9, 26.9, 65_536, 146.8),
    ("35B-A3B", 40, 10, 34.7, 3.45, 20_480, 61.4),
    ("122B-A10B", 48, 12, 122.11, 9.8, 24_576, 146.5),
    ("397B-A17B", 60, 15, 396.4, 17.4, 30_720, 183.2),
]


@pytest.mark.parametrize(("name", "layers", "full", "total", "active", "kv", "state"), FAMILY)
def test_the_family(name: str, layers: int, full: int, total: float, active: float, kv: int, state: float) -> None:
    shape = find_checkpoint(name)[0].shape
    assert (shape.layers, shape.full_layers) == (layers, full)
    assert parameters(shape).total / 1e9 == pytest.approx(total, abs=0.005 if total < 10 else 0.06)
    assert active_parameters(shape) / 1e9 == pytest.approx(active, abs=0.06)
    assert Cache(shape).kv_bytes_per_token == kv
    assert Cache(shape, type=CacheType.FP8).kv_bytes_per_token == kv // 2
    assert Cache(shape).state_bytes / MIB == pytest.approx(state, abs=0.35)


@pytest.mark.parametrize(("bits", "gigabytes"), [(16, 293), (8, 147), (4, 74)])
def test_the_minimum_of_the_recipes(bits: int, gigabytes: int) -> None:
    """vLLM recipes, `models/Qwen/Qwen3.5-122B-A10B.yaml`: more than the weights, which are 244, 124 and 73 GB."""
    assert recipe_minimum_gb(find_checkpoint("122B")[0].shape, bits) == gigabytes


@pytest.mark.parametrize(
    ("name", "precision", "vision", "prediction", "published", "source"),
    [
        ("122B", Precision.BF16, True, True, 250.17e9, "size of the checkpoint, nota-ai's model card"),
        ("122B", Precision.AWQ, True, False, 62.65 * GIB, "memory of Intel's AutoRound, NVIDIA forum 361819"),
        ("27B", Precision.FP8, True, False, 2 * 14.2 * GIB, "2 x RTX 5090, club-3090 1087, less 0.8 GiB of context"),
    ],
)
def test_weights_as_published(
    name: str, precision: Precision, vision: bool, prediction: bool, published: float, source: str
) -> None:
    found = weight_bytes(find_checkpoint(name)[0].shape, precision, vision=vision, prediction=prediction)
    assert found == pytest.approx(published, rel=0.015), source


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        # bf16 and FP8 cache at tensor parallel 1, 2, 4, 8; vLLM issues 40696, 51250, 35703 logged three of them.
        ("122B", {1: (2096, 4176), 2: (2096, 4176), 4: (1056, 2096), 8: (528, 1056)}),
        ("397B", {1: (2096, 4176), 2: (2096, 4176), 4: (1056, 2096), 8: (528, 1056)}),
        ("35B", {1: (1056, 2096), 2: (1056, 2096), 4: (528, 1056)}),
        ("27B", {1: (784, 1568), 2: (784, 1568)}),
        ("4B", {1: (528, 1056)}),
        ("0.8B", {1: (544, 1072)}),
    ],
)
def test_tokens_of_a_block(name: str, blocks: dict[int, tuple[int, int]]) -> None:
    shape = find_checkpoint(name)[0].shape
    found = {tp: (Cache(shape, tp).block_tokens, Cache(shape, tp, CacheType.FP8).block_tokens) for tp in blocks}
    assert found == blocks


@pytest.mark.parametrize(
    ("name", "parallel", "pool_gib", "context", "logged"),
    [
        ("35B", 1, 5.98, 131_072, "4.33"),  # RTX 5090, club-3090 issue 612
        ("35B", 1, 6.01, 131_072, "4.35"),  # RTX 5090, club-3090 issue 652
        ("27B", 2, 4.99, 131_072, "2.31"),  # 2 x RTX 3090, talos-argocd-proxmox pull 1995
    ],
)
def test_concurrency_as_servers_logged_it(name: str, parallel: int, pool_gib: float, context: int, logged: str) -> None:
    cache = Cache(find_checkpoint(name)[0].shape, parallel, CacheType.FP8)
    assert f"{cache.concurrency(int(pool_gib * GIB), context):.2f}" == logged


def test_running_states_with_and_without_prediction() -> None:
    shape = find_checkpoint("122B")[0].shape
    assert 2 * Cache(shape).state_bytes / MIB == pytest.approx(293, abs=0.1)
    assert 5 * Cache(shape, speculative=3).state_bytes / MIB == pytest.approx(745, abs=0.5)
    plain = Cache(shape)
    padded = plain.linear_groups * 2 * plain.block_bytes
    assert 2 * plain.state_bytes <= padded <= 2 * plain.state_bytes * 1.02
    assert 10 * GIB // (plain.checkpoint_blocks * plain.block_bytes) == pytest.approx(70, abs=1)
