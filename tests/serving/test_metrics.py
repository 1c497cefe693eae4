"""Snapshots of a server: vLLM 0.32's own page, older names, several engines, and what no server should say."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.histogram import Histogram, summed
from serving.metrics import Snapshot, between, parse

PAGE = (Path(__file__).parent.parent / "fixtures" / "vllm-0.32" / "metrics.txt").read_text()


def read(text: str) -> Snapshot:
    found = parse(text, 0.0)
    assert found is not None
    return found


def test_a_page_of_vllm_032() -> None:
    found = read(PAGE)
    assert None not in (found.running, found.waiting, found.kv_use, found.cache_queries, found.cache_hits)
    assert None not in (found.prompt_tokens, found.generation_tokens, found.preemptions)
    assert set(found.waiting_by_reason) == {"capacity", "deferred"}
    assert found.first_token_s is not None
    assert found.queue_s is not None
    assert math.inf in found.first_token_s.counts
    assert found.first_token_s.total > 0


def test_engines_are_added_up_and_the_fullest_cache_counts() -> None:
    lines = [
        f'vllm:{name}{{engine="{engine}"}} {value}'
        for engine, values in enumerate([(1, 2, 0.25, 100), (3, 4, 0.75, 50)])
        for name, value in zip(
            ("num_requests_running", "num_requests_waiting", "kv_cache_usage_perc", "prompt_tokens_total"),
            values,
            strict=True,
        )
    ]
    found = read("\n".join(lines))
    assert (found.running, found.waiting, found.kv_use, found.prompt_tokens) == (4, 6, 0.75, 150)


def test_older_names_and_missing_ones() -> None:
    found = read("vllm:gpu_cache_usage_perc 0.5\nvllm:num_requests_running 2\nvllm:prompt_tokens_total 7\n")
    assert (found.kv_use, found.running, found.prompt_tokens) == (0.5, 2, 7)
    assert (found.waiting, found.cache_hits, found.first_token_s, found.preemptions) == (None, None, None, None)


@pytest.mark.parametrize(
    "text", ["", "<html>404</html>", "sglang:num_running_reqs 3", "llamacpp:requests_processing 1"]
)
def test_pages_of_other_servers_tell_nothing(text: str) -> None:
    assert parse(text, 0.0) is None


def test_values_that_are_no_numbers_are_left_out() -> None:
    found = read('vllm:num_requests_running NaN\nvllm:num_requests_waiting_by_reason{reason="x"} NaN\nvllm:x 1')
    assert (found.running, dict(found.waiting_by_reason)) == (None, {})


def test_what_happened_between_two_looks() -> None:
    buckets = Histogram({0.1: 10.0, 1.0: 10.0, math.inf: 10.0})
    before = Snapshot(10.0, 1, 0, {}, 0.1, 1000, 500, 1000, 200, 3, buckets, buckets)
    later = Histogram({0.1: 10.0, 1.0: 20.0, math.inf: 20.0})
    after = Snapshot(15.0, 1, 0, {}, 0.1, 3000, 2000, 3000, 700, 5, later, None)
    told = between(before, after)
    assert told is not None
    assert (told.seconds, told.prompt_tokens_s, told.generation_tokens_s) == (5.0, 400.0, 100.0)
    assert (told.cache_hit_rate, told.preemptions, told.queue_s) == (0.75, 2, None)
    assert told.first_token_s == pytest.approx((0.55, 0.955))


def test_a_restarted_server_and_no_time_at_all_tell_nothing() -> None:
    before = Snapshot(10.0, prompt_tokens=100)
    assert between(before, Snapshot(12.0, prompt_tokens=40)) is None
    assert between(before, replace(before)) is None


def test_no_prompts_means_no_hit_rate() -> None:
    told = between(Snapshot(0.0, cache_queries=5, cache_hits=1), Snapshot(1.0, cache_queries=5, cache_hits=1))
    assert told is not None
    assert told.cache_hit_rate is None


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[float], share: float) -> None:
    bounds = [0.5, 1.0, 5.0, 20.0, math.inf]
    histogram = summed((bound, float(sum(value <= bound for value in values))) for bound in bounds)
    assert histogram is not None
    true = sorted(values)[max(math.ceil(share * len(values) - 1e-9) - 1, 0)]
    upper = next(bound for bound in bounds if true <= bound)
    lower = max([0.0, *(bound for bound in bounds if bound < upper)])
    told = histogram.quantile(share)
    assert told is not None
    assert lower <= told <= upper


def test_nothing_observed_has_no_quantile() -> None:
    assert Histogram({1.0: 0.0, math.inf: 0.0}).quantile(0.5) is None
    assert Histogram({1.0: 2.0}).since(Histogram({1.0: 5.0})) is None
