"""`qwright serve` starts a real vLLM on a folder of weights, and what it started is what `fit` had counted."""

import json
import os
import re
import socket
import tomllib
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from cli import exit_codes
from serving.fit.gpus import GIB
from serving.fit.local import read_folder
from serving.fit.memory import CPU_BLOCK_ALIGNMENT, Cache
from tests.cli.programs import qwright
from tests.needs import missing

EXECUTABLE, WEIGHTS = "QWRIGHT_TEST_VLLM_EXECUTABLE", "QWRIGHT_TEST_VLLM_WEIGHTS"
CONTEXT = 16_384


class Details(BaseModel):
    cached_tokens: int


class Usage(BaseModel):
    prompt_tokens: int
    prompt_tokens_details: Details


def asked(url: str, body: Mapping[str, object]) -> Usage:
    """The usage of a chat."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return Usage.model_validate(json.load(response)["usage"])


@pytest.mark.live
@pytest.mark.timeout(900)
def test_a_real_server_is_started_answers_and_is_stopped(tmp_path: Path) -> None:
    executable, weights = os.environ.get(EXECUTABLE), os.environ.get(WEIGHTS)
    if not executable or not weights:
        missing(f"no vLLM to start: set {EXECUTABLE} to its executable and {WEIGHTS} to a folder of weights")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The weights of the tests are a configuration and a tokenizer; vLLM makes up the numbers.
    own = ["--vllm", executable, "--port", str(port), "--context", str(CONTEXT), "--template", "3.6"]
    try:
        started = qwright(
            tmp_path, "serve", "--model", weights, *own, "--", "--load-format", "dummy", "--enforce-eager"
        )
        assert started.returncode == exit_codes.DONE, started.stderr
        settings = tomllib.loads((tmp_path / "config" / "config.toml").read_text())
        assert settings == {"base_url": f"http://127.0.0.1:{port}/v1", "model": Path(weights).name}
        counted = Cache(read_folder(Path(weights))[0].shape, alignment=CPU_BLOCK_ALIGNMENT).concurrency(GIB, CONTEXT)
        said = re.search(r"([\d.]+) requests of 16,384", started.stdout)
        assert said is not None
        assert float(said[1]) == pytest.approx(counted, abs=0.05)
        talk = [{"role": "user", "content": "one two three four " * 400}]
        body = {"model": settings["model"], "messages": talk, "max_tokens": 4}
        usages = [asked(f"{settings['base_url']}/chat/completions", body) for _ in range(2)]
        # Both flags at work: the server says how much it had cached, and that is not bound to whole blocks of 640.
        prompt, cached = usages[1].prompt_tokens, usages[1].prompt_tokens_details.cached_tokens
        assert prompt - 16 <= cached < prompt
        assert "ready" in qwright(tmp_path, "serve", "status").stdout
    finally:
        stopped = qwright(tmp_path, "serve", "stop")
    assert f"Stopped the server on port {port}" in stopped.stdout
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
