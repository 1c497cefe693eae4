"""Prometheus' text format, also where it is broken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.prometheus import Sample, samples

NAMES = st.sampled_from(["a", "vllm:num_requests_running", "x_total", "_:9"])
LABEL_NAMES = st.sampled_from(["engine", "le", "model_name", "_x1"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def written(sample: Sample) -> str:
    """The sample as the format's description says to write it."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    parts = [f'{key}="{"".join(escapes.get(c, c) for c in value)}"' for key, value in sample.labels.items()]
    return f"{sample.name}{{{','.join(parts)}}} {sample.value!r}" if parts else f"{sample.name} {sample.value!r}"


@given(st.lists(st.builds(Sample, NAMES, st.dictionaries(LABEL_NAMES, TEXTS), st.floats(allow_nan=False)), max_size=5))
def test_what_is_written_is_read(page: list[Sample]) -> None:
    text = "# HELP a b\n" + "\n".join(map(written, page)) + "\n# EOF\n"
    assert list(samples(text)) == page


@given(st.text(st.sampled_from('a{}=", \\\n1.5e#N_'), max_size=60))
def test_nothing_breaks_the_reader(text: str) -> None:
    list(samples(text))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a{b="c",} 1', Sample("a", {"b": "c"}, 1.0)),
        ('a { b = "c" , d = "}" } 1 1395066363000', Sample("a", {"b": "c", "d": "}"}, 1.0)),
        ('a_bucket{le="+Inf"} +Inf # {trace="x"} 0.5 1.2', Sample("a_bucket", {"le": "+Inf"}, math.inf)),
        ('a{b="1\\n2\\\\n"}\t7\r', Sample("a", {"b": "1\n2\\n"}, 7.0)),
        ("a{} 3", Sample("a", {}, 3.0)),
    ],
)
def test_corners_of_the_format(line: str, expected: Sample) -> None:
    assert list(samples(line)) == [expected]


@pytest.mark.parametrize(
    "line", ["a", "a{", 'a{b="c} 1', 'a{b="c"', "a{b=c} 1", "a one", "a 1_0", "# a 1", "<html>", "{} 1"]
)
def test_broken_lines_are_skipped_and_the_rest_is_read(line: str) -> None:
    assert list(samples(f"{line}\nb 2")) == [Sample("b", {}, 2.0)]
