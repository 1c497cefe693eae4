"""The pure parts: counts, metrics, answers, templates of whatever text."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.doctor.answer import Answer, Call, whole
from serving.doctor.cache_verdicts import Asked, extra_tokens, growth, reuse, same_answer
from serving.doctor.extras import judge_images, judge_key, judge_speed, picture
from serving.doctor.finding import Finding
from serving.doctor.metrics import Metrics, read_metrics
from serving.doctor.model import choose, enough
from serving.doctor.template import Renders, judge
from serving.doctor.thinking import parser, returned, switch
from serving.doctor.tools import judge as judge_call
from serving.doctor.wire import Reply

ON = Metrics({}, {"enable_prefix_caching": "True", "prefix_match_unit": "None"})
counts = st.integers(0, 200_000)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8), st.integers(0, 16))
def test_a_client_that_only_adds_and_a_cache_that_is_exact_have_no_fault(new: list[int], lag: int) -> None:
    steps, length = [Asked(5000, 4990)], 5000
    for count in new:
        steps.append(Asked(length + count, length - lag))
        length += count
    assert extra_tokens(steps) == [lag] * len(new)
    assert growth(steps, 1000.0, ON).status == "ok"


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(33, 4000)), min_size=1, max_size=8))
def test_a_lagging_cache_is_priced(rows: list[tuple[int, int]]) -> None:
    steps, length = [Asked(9000, 8990)], 9000
    for new, lag in rows:
        steps.append(Asked(length + new, length - lag))
        length += new
    found = growth(steps, 2000.0, ON)
    mean = sum(lag for _, lag in rows) / len(rows)
    assert (found.status, found.figures["extra_tokens"]) == ("warn", [lag for _, lag in rows])
    assert found.figures["extra_seconds_a_step"] == pytest.approx(mean / 2000)
    assert found.mend.startswith("--prefix-match-unit 16")


def test_a_cache_that_is_too_small_is_not_told_to_set_what_is_set() -> None:
    steps = [Asked(9000, 8990), Asked(9400, 0)]
    found = growth(steps, None, Metrics({}, {"prefix_match_unit": "16"}))
    assert "--prefix-match-unit" not in found.mend
    assert growth([Asked(1, 1)], None, None).status == "skip"


@given(counts, st.none() | counts, st.floats(0, 9), st.floats(0, 9), st.none() | st.floats(0, 1e6))
def test_reuse_never_accuses_without_counts(
    prompt: int, cached: int | None, cold_s: float, warm_s: float, hits: float | None
) -> None:
    found = reuse(Asked(prompt, 0, cold_s), Asked(prompt, cached, warm_s), hits, ON)
    if cached is None and hits is None:
        assert found.status in ("ok", "skip")
    else:
        assert (found.status == "fail") == ((cached if cached is not None else int(hits or 0)) == 0)


def test_reuse_by_time_alone() -> None:
    assert reuse(Asked(9, None, 2.0), Asked(9, None, 0.2), None, None).status == "ok"
    assert reuse(Asked(9, None, 2.0), Asked(9, None, 1.9), None, None).status == "skip"
    assert "third time" in reuse(Asked(9, 0), Asked(9, 5), None, None, 3).seen


@pytest.mark.parametrize(
    ("cold", "warm", "status"),
    [("1, 2", "1, 2", "ok"), ("1, 2", "1; 2", "warn"), ("1, 2", "", "fail"), ("1", "\ufffd", "fail"), ("", "", "skip")],
)
def test_answers_from_the_cache(cold: str, warm: str, status: str) -> None:
    assert same_answer(Answer(content=cold), Answer(content=warm), speculative=False).status == status


@given(st.text())
def test_any_text_is_read_as_metrics(text: str) -> None:
    found = read_metrics(text)
    assert found.block_tokens is None or found.block_tokens >= 0


def test_metrics_are_summed_over_labels() -> None:
    found = read_metrics('# x\na{l="1"} 1.5\na{l="2"} 2\nvllm:cache_config_info{block_size="640",x="a\\"b"} 1\nbad x\n')
    assert found.sums["a"] == 3.5
    assert found.block_tokens == 640


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.sampled_from(["choices", "usage", "error", "data"]))
def test_no_answer_however_shaped_breaks_the_reading(value: object, key: str) -> None:
    for body in ({key: value}, {"choices": [{"message": value}]}, {"choices": [{"message": {"tool_calls": value}}]}):
        answer = whole(Reply(200, {}, json.dumps(body), 0.1))
        assert judge_call("tool calls", answer).status in ("ok", "fail", "skip")


@given(st.text(), st.text(), st.integers(0, 11))
def test_a_model_that_just_talks_is_never_a_fault(content: str, reasoning: str, tokens: int) -> None:
    answer = Answer(content=content, reasoning=reasoning, raw=reasoning + content, completion_tokens=tokens)
    if not any(sign in content + reasoning for sign in ("<tool_call>", "<function=", "<parameter=", "</tool_call>")):
        assert judge_call("tool calls", answer).status == "skip"


def test_calls_as_they_arrive() -> None:
    raw = "<function=report_word>\n<parameter=word>\nblue\n</parameter>"
    good = Answer(calls=(Call("report_word", '{"word": "blue"}'),), raw=raw)
    assert judge_call("c", good).status == "ok"
    assert judge_call("c", replace(good, calls=(Call("report_word", '{"word": "bl'),))).status == "fail"
    assert judge_call("c", replace(good, calls=(Call("report_word", "{}"),), finish="length")).status == "ok"
    assert judge_call("c", Answer(status=500, error="boom")).status == "skip"
    assert judge_call("c", Answer(status=400, error="tool choice requires --enable-auto-tool-choice")).status == "fail"


def test_the_reasoning_parser() -> None:
    opened = "<|im_start|>assistant\n<think>\n"
    assert parser(Answer(reasoning="hm", content="7"), opened).status == "ok"
    assert parser(Answer(content="hm\n</think>\n\n7"), "").status == "fail"
    assert parser(Answer(content="hm and hm", raw="hm and hm"), opened).status == "fail"
    assert parser(Answer(content="7", raw="</think>\n\n7"), opened).status == "skip"
    assert parser(Answer(content="7"), "assistant\n").status == "skip"
    assert parser(Answer(status=500), opened).status == "skip"


def test_the_switch() -> None:
    on, off = Answer(reasoning="hm", prompt_tokens=20), Answer(content="7", prompt_tokens=22)
    prompt = "x<think>\n"
    assert switch(on, off, prompt, f"{prompt}\n</think>\n\n").status == "ok"
    assert switch(on, off, "", "").status == "ok"
    assert switch(on, replace(off, prompt_tokens=20), "", "").status == "fail"
    assert switch(on, replace(off, reasoning="7"), "", "").status == "fail"
    assert switch(on, replace(off, prompt_tokens=None), "", "").status == "skip"
    assert switch(on, off, prompt, "x").status == "warn"


@pytest.mark.parametrize(
    ("new", "old", "both", "status"),
    [
        (300, 100, 300, "ok"),
        (100, 300, 300, "ok"),
        (100, 100, 100, "fail"),
        (300, 300, 500, "warn"),
        (None, 1, 1, "skip"),
    ],
)
def test_reasoning_in_history(new: int | None, old: int, both: int, status: str) -> None:
    assert returned(100, new, old, both).status == status


@given(st.text(), st.text(), st.text())
def test_no_template_breaks_the_judge(asked: str, thought: str, later: str) -> None:
    _, findings = judge(Renders(asked, asked, thought, thought, later, later))
    assert all(isinstance(finding, Finding) for finding in findings)


def test_models_are_chosen_and_named() -> None:
    rows = [{"id": "a"}, {"id": "b"}]
    assert choose(rows, None)[1].mend.startswith("export QWRIGHT_MODEL=a")
    assert choose(rows, "b")[0] == {"id": "b"}
    assert choose(rows, "c")[0] is None
    assert choose([{"id": "coder", "root": "/models/Qwen3.5-27B-FP8"}], None)[1].figures["family"] == "Qwen3.5"
    assert choose([{"id": "Qwen2.5-Coder-1.5B"}], None)[1].status == "warn"
    assert [enough(have, 65536).status for have in (0, 8000, 40000, 65536)] == ["skip", "fail", "warn", "ok"]


def test_small_things() -> None:
    assert judge_key(True, True, False).status == "ok"
    assert "--api-key" in judge_key(False, False, False).mend
    assert not judge_key(False, True, True).mend
    plain = Answer(prompt_tokens=20)
    assert judge_images(plain, replace(plain, prompt_tokens=84)).figures["tokens"] == 64
    assert judge_images(plain, plain).status == "warn"
    assert judge_images(plain, Answer(status=500)).status == "skip"
    assert picture().startswith("data:image/png;base64,iVBOR")
    assert judge_speed(Answer(first_s=0.1, last_s=2.1, completion_tokens=81)).figures["tokens_per_s"] == 40.0
    assert judge_speed(Answer(first_s=0.1, last_s=20.1, completion_tokens=81)).status == "warn"
    assert judge_speed(Answer(status=500, error="x")).status == "fail"
