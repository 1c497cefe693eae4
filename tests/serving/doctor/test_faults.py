"""Each way of setting a server up wrongly is found by its own check, and only by that; a good one has no fault."""

import pytest

from serving.doctor.finding import Finding
from serving.doctor.run import examine
from serving.doctor.server import Wanted
from serving.doctor.wire import Wire
from tests.fakes.routes import RoutesServer
from tests.fakes.vllm import FakeVllm

GOOD = {
    "reachable",
    "key",
    "server",
    "model",
    "context length",
    "metrics",
    "speculative decoding",
    "speed",
    "chat template",
    "new user turn",
    "reasoning parser",
    "thinking switch",
    "reasoning in history",
    "tool calls",
    "tool calls, streamed",
    "forced tool calls",
    "strict tools",
    "images",
    "cached-token counts",
    "prefix cache",
    "answers from cache",
    "growing conversation",
    "cost of a new request",
}


async def examined(vllm: FakeVllm, *, model: str | None = None, preserve: bool = False) -> dict[str, Finding]:
    with RoutesServer(vllm.routes()) as server:
        wanted = Wanted(server.url, model, preserve_thinking=preserve)
        async with Wire() as wire:
            found = [finding async for _, finding in examine(wanted, wire)]
    assert len({finding.name for finding in found}) == len(found)
    return {finding.name: finding for finding in found}


def troubles(found: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.status for name, finding in found.items() if finding.status in ("warn", "fail")}


async def test_a_good_server_has_every_check_and_no_fault() -> None:
    found = await examined(FakeVllm())
    assert {name: finding.status for name, finding in found.items()} == dict.fromkeys(GOOD, "ok")
    assert "Qwen3.5" in found["chat template"].seen
    assert "PRESERVE_THINKING" in found["new user turn"].mend


@pytest.mark.parametrize("parser", ["hermes", "none", "cutting"])
async def test_a_wrong_tool_parser(parser: str) -> None:
    found = await examined(FakeVllm(tool_parser=parser))  # pyright: ignore[reportArgumentType]  # one of its values
    calls = {name for name in troubles(found) if "tool calls" in name} - {"forced tool calls"}
    assert calls == {"tool calls", "tool calls, streamed"}
    words = {"hermes": "vanishes", "none": "arrives as text", "cutting": "damaged"}[parser]
    for name in calls:
        assert found[name].status == "fail"
        assert words in found[name].seen
        assert "--tool-call-parser qwen3_coder" in found[name].mend


async def test_a_parser_that_swallows_calls_is_seen_without_token_ids() -> None:
    found = await examined(FakeVllm(tool_parser="hermes", token_ids=False))
    assert found["tool calls"].status == "fail"
    assert "neither call nor text" in found["tool calls"].seen


async def test_no_tool_parser_at_all() -> None:
    found = await examined(FakeVllm(tool_parser="off"))
    assert found["tool calls"].status == "fail"
    assert found["tool calls"].mend == "--enable-auto-tool-choice --tool-call-parser qwen3_coder"


@pytest.mark.parametrize("parser", ["qwen3_coder", "hermes", "none"])
async def test_a_model_that_does_not_call_is_made_to(parser: str) -> None:
    vllm = FakeVllm(obliging=False, tool_parser=parser)  # pyright: ignore[reportArgumentType]  # one of its values
    assert (await examined(vllm))["tool calls"].status == ("ok" if parser == "qwen3_coder" else "fail")


async def test_a_model_that_cannot_be_made_to_call_accuses_nobody() -> None:
    found = await examined(FakeVllm(obliging=False, forcible=False, tool_parser="hermes"))
    for name in ("tool calls", "tool calls, streamed", "forced tool calls", "strict tools"):
        assert found[name].status == "skip", name
        assert found[name].seen.startswith("could not tell")


async def test_strict_that_is_ignored() -> None:
    assert troubles(await examined(FakeVllm(strict=False))) == {"strict tools": "warn"}


async def test_no_reasoning_parser() -> None:
    found = await examined(FakeVllm(reasoning_parser=False))
    assert troubles(found) == {"reasoning parser": "fail"}
    assert found["reasoning parser"].mend == "--reasoning-parser qwen3"


async def test_thinking_that_cannot_be_switched() -> None:
    found = await examined(FakeVllm(template="deaf"))
    assert found["thinking switch"].status == "fail"
    assert "always, or never" in found["thinking switch"].seen


async def test_a_template_that_forgets_reasoning() -> None:
    found = await examined(FakeVllm(template="dropping"))
    assert found["reasoning in history"].status == "fail"
    assert found["chat template"].status == "fail"


@pytest.mark.parametrize(
    ("template", "status", "words"),
    [
        ("3.5", "ok", "Qwen3.5"),
        ("3.6", "ok", "Qwen3.6"),
        ("3.8", "warn", "effort"),
        ("variant", "warn", "variant"),
        ("json", "warn", "older Qwen"),
    ],
)
async def test_templates_are_told_apart(template: str, status: str, words: str) -> None:
    vllm = FakeVllm(template=template)  # pyright: ignore[reportArgumentType]  # one of its values
    found = (await examined(vllm))["chat template"]
    assert found.status == status
    assert words in found.seen


async def test_the_template_is_seen_through_a_proxy_that_hides_the_tokenizer() -> None:
    found = await examined(FakeVllm(tokenizer=False))
    assert found["chat template"].status == "ok"
    assert found["tool calls"].status == "ok"


async def test_no_prefix_cache() -> None:
    found = await examined(FakeVllm(caching=False))
    assert troubles(found) == {"prefix cache": "fail"}
    assert "switched off" in found["prefix cache"].seen
    found = await examined(FakeVllm(caching=False, metrics=False))
    assert found["prefix cache"].mend.startswith("--enable-prefix-caching")


async def test_no_match_unit_is_measured_and_priced() -> None:
    found = await examined(FakeVllm(unit=None))
    assert troubles(found) == {"growing conversation": "warn"}
    growing = found["growing conversation"]
    assert growing.mend.startswith("--prefix-match-unit 16")
    assert "s a step" in growing.seen
    assert isinstance(growing.figures["extra_seconds_a_step"], float)


@pytest.mark.parametrize(("template", "again"), [("3.5", True), ("3.6", True)])
async def test_what_a_new_request_costs_depends_on_the_template(template: str, again: bool) -> None:
    vllm = FakeVllm(template=template)  # pyright: ignore[reportArgumentType]  # one of its values
    found = (await examined(vllm))["cost of a new request"]
    assert ("old tokens again" in found.seen) == again


@pytest.mark.parametrize(("template", "status"), [("3.5", "warn"), ("3.6", "ok")])
async def test_preserved_thinking_needs_a_template_that_knows_it(template: str, status: str) -> None:
    vllm = FakeVllm(template=template)  # pyright: ignore[reportArgumentType]  # one of its values
    found = await examined(vllm, preserve=True)
    assert found["new user turn"].status == status
    assert ("no old ones" in found["cost of a new request"].seen) == (status == "ok")


async def test_no_cached_token_counts() -> None:
    found = await examined(FakeVllm(details=False))
    assert troubles(found) == {"cached-token counts": "warn"}
    assert found["prefix cache"].status == "ok"
    assert "by /metrics" in found["prefix cache"].seen
    assert found["growing conversation"].status == "skip"


async def test_answers_that_the_cache_spoils() -> None:
    found = await examined(FakeVllm(garbled=True, speculative=True))
    assert troubles(found) == {"answers from cache": "warn", "speculative decoding": "warn"}
    assert "--speculative-config" in found["answers from cache"].mend


async def test_no_metrics() -> None:
    assert troubles(await examined(FakeVllm(metrics=False))) == {"metrics": "warn"}


@pytest.mark.parametrize(("images", "status"), [("refused", "ok"), ("read", "ok"), ("dropped", "warn")])
async def test_images(images: str, status: str) -> None:
    found = await examined(FakeVllm(images=images))  # pyright: ignore[reportArgumentType]  # one of its values
    assert found["images"].status == status
    assert ("pictures are read" in found["images"].seen) == (images == "read")


@pytest.mark.parametrize(("context", "status"), [(8192, "fail"), (32768, "warn"), (65536, "ok"), (0, "skip")])
async def test_context(context: int, status: str) -> None:
    assert (await examined(FakeVllm(context=context)))["context length"].status == status


async def test_a_model_that_is_not_served_ends_the_checks() -> None:
    found = await examined(FakeVllm(), model="other")
    assert found["model"].mend == "export QWRIGHT_MODEL=Qwen/Qwen3.5-122B-A10B"
    assert list(found)[-1] == "other checks"
