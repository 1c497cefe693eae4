"""Models and GPUs by the names that people write, and by what the driver says."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.fit.families import CHECKPOINTS, UnknownName, find_checkpoint
from serving.fit.gpus import GIB, GPUS, MIB, detected, find_gpu, parse_machine
from serving.fit.weights import Precision


@pytest.mark.parametrize(
    ("text", "name", "precision"),
    [
        ("122B", "Qwen3.5-122B-A10B", None),
        ("122b-a10b", "Qwen3.5-122B-A10B", None),
        ("Qwen/Qwen3.5-122B-A10B-FP8", "Qwen3.5-122B-A10B", Precision.FP8),
        ("qwen3.5-122b-a10b-gptq-int4", "Qwen3.5-122B-A10B", Precision.INT4),
        ("27B", "Qwen3.5-27B", None),
        ("3.8-27B", "Qwen3.8-27B", None),
        ("Qwen3.6-35B", "Qwen3.6-35B-A3B", None),
        ("0.8b", "Qwen3.5-0.8B", None),
    ],
)
def test_models(text: str, name: str, precision: Precision | None) -> None:
    checkpoint, found = find_checkpoint(text)
    assert (checkpoint.name, found) == (name, precision)


def test_every_model_is_found_by_its_own_names() -> None:
    for checkpoint in CHECKPOINTS:
        assert find_checkpoint(checkpoint.name)[0] is checkpoint
        for precision, repository in checkpoint.repositories.items():
            if repository.startswith("Qwen/") and precision is not Precision.BF16:
                assert find_checkpoint(repository) == (checkpoint, precision)


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"No model '123B'.*Nearest: .*Qwen3.5-122B-A10B"):
        find_checkpoint("123B")
    with pytest.raises(UnknownName, match=r"Known: Qwen3\.5-0\.8B"):
        find_checkpoint("zzz")


@pytest.mark.parametrize(
    ("text", "count", "name"),
    [
        ("8xH100", 8, "H100"),
        ("8 x h100", 8, "H100"),
        ("2x3090", 2, "RTX 3090"),
        ("4090 laptop", 1, "RTX 4090 Laptop"),
        ("2 RTX 6000 Pro", 2, "RTX PRO 6000"),
        ("a100-40gb", 1, "A100 40GB"),
        ("NVIDIA A100-SXM4-40GB", 1, "A100 40GB"),
        ("NVIDIA A100-SXM4-80GB", 1, "A100 80GB"),
        ("NVIDIA H100 80GB HBM3", 1, "H100"),
        ("NVIDIA H100 NVL", 1, "H100 NVL"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 1, "RTX 4090 Laptop"),
        ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 1, "RTX PRO 6000"),
        ("NVIDIA RTX 6000 Ada Generation", 1, "RTX 6000 Ada"),
        ("NVIDIA GB10", 1, "DGX Spark"),
        ("AMD Instinct MI300X", 1, "MI300X"),
        ("laptop", 1, "RTX 4070 Laptop"),
    ],
)
def test_gpus(text: str, count: int, name: str) -> None:
    machine = parse_machine(text)
    assert (machine.count, machine.gpu.name) == (count, name)


def test_any_gpu_by_its_memory() -> None:
    assert parse_machine("2x80GB").gpu.memory == 80 * GIB
    assert parse_machine("24gb").gpu.memory == 24 * GIB
    assert parse_machine("cpu-32GB").gpu.cpu


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("H2000", "Nearest: H200"),
        ("0xH100", "1 to 64"),
        ("99xH100", "1 to 64"),
        ("1x0GB", "between 1 and 4096"),
        ("", "Name the GPUs"),
        ("quantum", "as 1x80GB"),
    ],
)
def test_what_is_no_gpu_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        parse_machine(text)


@given(st.text(max_size=30))
def test_no_name_crashes(text: str) -> None:
    for parse in (parse_machine, find_checkpoint):
        with suppress(UnknownName):
            parse(text)


def test_all_names_of_the_table_are_found() -> None:
    for gpu in GPUS:
        assert find_gpu(gpu.name) is gpu
        assert parse_machine(f"2x{gpu.name}").gpu is gpu


def test_what_the_driver_lists() -> None:
    found = detected([("NVIDIA GeForce RTX 3090", 24_576)] * 2 + [("NVIDIA T400", 2_048)])
    assert found is not None
    assert (found.count, found.gpu.memory, found.gpu.fp8) == (2, 24_576 * MIB, False)
    spark = detected([("NVIDIA GB10", 0)])
    assert spark is not None
    assert (spark.gpu.unified, spark.gpu.memory) == (True, 122_502 * MIB)
    unknown = detected([("NVIDIA Z9000", 99_000)])
    assert unknown is not None
    assert (unknown.gpu.name, unknown.gpu.memory) == ("NVIDIA Z9000", 99_000 * MIB)
    assert detected([]) is None
    assert detected([("NVIDIA Z9000", 0)]) is None
