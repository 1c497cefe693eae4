"""A folder of weights: shape, size, precision, and what is wrong with it; and what a real vLLM logged for one."""

import json
import re
from pathlib import Path

import pytest

from serving.fit.command import yarn
from serving.fit.families import UnknownName
from serving.fit.gpus import GIB
from serving.fit.local import read_folder
from serving.fit.memory import CPU_BLOCK_ALIGNMENT, Cache
from serving.fit.weights import Precision

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "vllm-0.32-start"


def folder(tmp_path: Path, **changes: object) -> Path:
    config = json.loads((FIXTURES / "config.json").read_text()) | changes
    (tmp_path / "config.json").write_text(json.dumps(config))
    return tmp_path


def test_the_concurrency_that_a_real_server_logged() -> None:
    """The numbers are read from vLLM 0.32's own log of serving the model of this configuration on a CPU."""
    checkpoint, _ = read_folder(FIXTURES)
    log = (FIXTURES / "ready.log").read_text()
    found = re.search(r"KV cache size: ([\d,]+) tokens, .* for ([\d,]+) tokens per request: ([\d.]+)x", log)
    block = re.search(r"attention block size to (\d+) tokens", log)
    pool = re.search(r"Explicitly set \(([\d.]+)/", log)
    assert found is not None
    assert block is not None
    assert pool is not None
    cache = Cache(checkpoint.shape, alignment=CPU_BLOCK_ALIGNMENT)
    context = int(found[2].replace(",", ""))
    concurrency = cache.concurrency(int(float(pool[1]) * GIB), context)
    assert cache.block_tokens == int(block[1])
    assert f"{concurrency:.2f}" == found[3]
    assert int(concurrency * context) == int(found[1].replace(",", ""))


def test_size_and_precision_come_from_the_files(tmp_path: Path) -> None:
    folder(tmp_path, quantization_config={"quant_method": "fp8"})
    (tmp_path / "model-1.safetensors").write_bytes(b"x" * 1000)
    (tmp_path / "model-2.safetensors").write_bytes(b"x" * 500)
    checkpoint, precision = read_folder(tmp_path)
    assert (checkpoint.weights, precision, checkpoint.name) == (1500, Precision.FP8, tmp_path.name)
    assert checkpoint.source(precision) == str(tmp_path)


def test_the_template_is_recognised(tmp_path: Path) -> None:
    folder(tmp_path)
    assert read_folder(tmp_path)[0].template == "3.5"
    (tmp_path / "chat_template.jinja").write_text("{% if preserve_thinking %}")
    assert read_folder(tmp_path)[0].template == "3.6"


def test_a_text_model_and_one_inside_of_a_whole(tmp_path: Path) -> None:
    plain = read_folder(folder(tmp_path))[0]
    assert not plain.vision
    assert list(yarn(plain, 500_000)) == ["rope_parameters"]
    inner = json.loads((FIXTURES / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({"text_config": inner, "vision_config": {}}))
    whole = read_folder(tmp_path)[0]
    assert whole.vision
    assert whole.shape == plain.shape
    assert list(yarn(whole, 500_000)) == ["text_config"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "llama", "linear_num_value_heads": None}, "of type 'llama'; only the hybrids"),
        ({"hidden_size": "many"}, "no usable 'hidden_size'"),
        ({"num_hidden_layers": 2}, "no layer of full attention"),
        ({"full_attention_interval": 0}, "no layer of full attention"),
    ],
)
def test_what_is_wrong_is_a_sentence(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        read_folder(folder(tmp_path, **changes))


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "no readable config.json"), ("{", "not valid JSON"), ("[]", "no object"), ("{}", "unknown")],
)
def test_a_folder_that_holds_no_model(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(UnknownName, match=words):
        read_folder(tmp_path)
