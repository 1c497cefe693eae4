"""`qwright fit` as its user meets it."""

import json
from pathlib import Path

import pytest

from cli import exit_codes
from tests.cli.programs import qwright

NO_DRIVER = {"PATH": "/nonexistent"}
"""So that the GPUs of the machine that runs the tests play no part."""


def fit(directory: Path, *arguments: str) -> tuple[int, str, str]:
    done = qwright(directory, "fit", *arguments, **NO_DRIVER)
    return done.returncode, done.stdout, done.stderr


def test_one_model_on_a_machine(tmp_path: Path) -> None:
    code, out, _ = fit(tmp_path, "--model", "122B", "--gpu", "8xH100", "--context", "131072", "--agents", "8")
    assert code == exit_codes.DONE
    assert out.startswith("Qwen3.5-122B-A10B in fp8 fits on 8x H100: 128k tokens of context for each of ")
    for shown in (
        "12,288 B",
        "12 of 48 layers",
        "GiB per GPU against context",
        "--prefix-match-unit 16",
        "agents at once",
    ):
        assert shown in out
    assert max(map(len, out.splitlines())) <= 140


def test_every_model_on_a_machine(tmp_path: Path) -> None:
    code, out, _ = fit(tmp_path, "--gpu", "1x80GB")
    assert code == exit_codes.DONE
    rows = {line.split()[0]: line.split()[2] for line in out.splitlines() if line.startswith("Qwen")}
    assert rows["Qwen3.5-27B"] == "fits"
    assert rows["Qwen3.5-397B-A17B"] == "too"
    assert len(rows) == 11


def test_json_agrees_with_itself(tmp_path: Path) -> None:
    code, out, _ = fit(tmp_path, "--model", "27B", "--gpu", "2x3090", "--precision", "awq", "--json")
    plan = json.loads(out)
    assert code == exit_codes.DONE
    assert plan["verdict"] == "fits"
    parts = plan["per_gpu_bytes"]
    spent = sum(parts[name] for name in ("weights", "context_reserve", "activation_reserve", "graph_reserve"))
    assert parts["usable"] - spent == parts["left_for_cache"]
    assert plan["agents_by_context"]["32768"] >= plan["agents_by_context"]["131072"]
    assert "--tensor-parallel-size 2" in plan["command"]


def test_what_does_not_fit(tmp_path: Path) -> None:
    code, out, _ = fit(tmp_path, "--model", "122B", "--gpu", "laptop")
    assert code == exit_codes.FAILED
    assert "does not fit on 1x RTX 4070 Laptop" in out
    assert "vllm serve" not in out
    code, out, _ = fit(tmp_path, "--model", "27B", "--gpu", "H100", "--agents", "40", "--context", "262144")
    assert code == exit_codes.FAILED
    assert "not 40. 40 agents can have" in out


def test_no_machine_is_named_or_found(tmp_path: Path) -> None:
    code, out, err = fit(tmp_path)
    assert (code, out) == (exit_codes.USAGE, "")
    assert "No GPU was found by nvidia-smi. Name one: `qwright fit --gpu 8xH100`" in err
    code, out, _ = fit(tmp_path, "--model", "122B")
    assert code == exit_codes.DONE
    assert "2x H200" not in out
    assert "1x H200" in out


def test_the_gpus_of_this_machine(tmp_path: Path) -> None:
    driver = tmp_path / "bin" / "nvidia-smi"
    driver.parent.mkdir()
    driver.write_text("#!/bin/sh\necho 'NVIDIA L40S, 46068'\necho 'NVIDIA L40S, 46068'\n")
    driver.chmod(0o755)
    done = qwright(tmp_path, "fit", "--model", "35B", PATH=str(driver.parent))
    assert done.returncode == exit_codes.DONE
    assert "fits on 2x NVIDIA L40S" in done.stdout
    one = qwright(tmp_path, "fit", "--model", "35B", PATH=str(driver.parent), CUDA_VISIBLE_DEVICES="1")
    assert "fits on 1x NVIDIA L40S" in one.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--gpu", "H2000"), "Nearest: H200"),
        (("--gpu", "H100", "--model", "125B"), "Nearest: "),
        (("--gpu", "H100", "--model", "./nothing"), "no readable config.json"),
        (("--gpu", "H100", "--model", "27B", "--context", "5000000"), "give 1024 to 1,010,000"),
        (("--gpu", "H100", "--agents", "0"), "At least one agent"),
        (("--gpu", "2xH100", "--model", "27B", "--tp", "4"), "there are 2"),
    ],
)
def test_what_is_wrong_is_a_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = fit(tmp_path, *arguments)
    assert (code, out) == (exit_codes.USAGE, "")
    assert words in err
    assert "Traceback" not in err
