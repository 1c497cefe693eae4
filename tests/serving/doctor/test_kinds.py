"""Servers are recognised by their own signs, what will be missing is said, and none of them breaks the checks."""

from collections.abc import Mapping

import pytest

from serving.doctor.finding import Finding
from serving.doctor.kinds import MISSING, verdict
from serving.doctor.run import examine
from serving.doctor.server import Wanted
from serving.doctor.wire import Wire
from tests.fakes.other_servers import LITELLM, LLAMA_CPP, OLD_VLLM, OLLAMA, SGLANG, UNKNOWN
from tests.fakes.routes import Route, RoutesServer, always


async def examined(routes: Mapping[str, Route], key: str = "") -> dict[str, Finding]:
    with RoutesServer(routes, key) as server:
        async with Wire(key) as wire:
            found = [finding async for _, finding in examine(Wanted(server.url, api_key=key), wire)]
    return {finding.name: finding for finding in found}


@pytest.mark.parametrize(
    ("routes", "kind", "missing"),
    [
        (LLAMA_CPP, "llama.cpp b8681-Debian", "strict tools"),
        (OLLAMA, "Ollama 0.40.12", "num_ctx"),
        (SGLANG, "SGLang", "metrics"),
        (LITELLM, "LiteLLM", "hides context length"),
    ],
)
async def test_a_server_that_is_not_vllm_is_named(routes: Mapping[str, Route], kind: str, missing: str) -> None:
    found = (await examined(routes))["server"]
    assert found.status == "warn"
    assert found.seen.startswith(kind)
    assert missing in found.seen
    assert found.mend


async def test_an_unknown_server_is_not_accused() -> None:
    found = await examined(UNKNOWN)
    assert found["server"].status == "skip"
    for name in (
        "model",
        "context length",
        "metrics",
        "chat template",
        "reasoning parser",
        "tool calls",
        "prefix cache",
    ):
        assert found[name].status in ("ok", "skip"), name


async def test_a_proxy_that_names_itself_in_a_header() -> None:
    routes = {**UNKNOWN, "/v1/models": always({"data": [{"id": "m"}]}, headers={"x-litellm-version": "1.94.1"})}
    assert (await examined(routes))["server"].seen.startswith("LiteLLM 1.94.1")


async def test_an_old_vllm_is_too_old() -> None:
    found = await examined(OLD_VLLM)
    assert found["server"].status == "warn"
    assert "0.10.2" in found["server"].seen
    assert found["model"].status == "warn"


async def test_llama_cpp_tells_its_context_elsewhere() -> None:
    assert "65,536" in (await examined(LLAMA_CPP))["context length"].seen


@pytest.mark.parametrize("routes", [LLAMA_CPP, OLLAMA, SGLANG, LITELLM, OLD_VLLM, UNKNOWN])
async def test_words_alone_never_make_a_fault_of_the_tool_parser(routes: Mapping[str, Route]) -> None:
    found = await examined(routes)
    assert found["tool calls"].status == "skip"


async def test_the_key_is_sent_and_never_repeated() -> None:
    found = await examined(UNKNOWN, key="sk-secret")
    assert found["key"].seen == "the server asks for a key, and takes yours"
    assert not [finding for finding in found.values() if "sk-secret" in finding.seen + finding.mend]


@pytest.mark.parametrize("kind", [*MISSING, ""])
def test_every_kind_has_its_verdict(kind: str) -> None:
    assert verdict(kind, "").seen


@pytest.mark.parametrize(
    ("version", "status"), [("0.32.0", "ok"), ("0.32.0rc1+cpu", "ok"), ("dev", "ok"), ("1.0", "ok"), ("0.16.3", "warn")]
)
def test_versions_of_vllm(version: str, status: str) -> None:
    assert verdict("vllm", version).status == status
