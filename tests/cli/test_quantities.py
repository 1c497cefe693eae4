"""Sizes and spans of time as they are typed."""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from cli.parsers.quantities import memory, span


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (memory, "8g", 8.0),
        (memory, "512M", 0.5),
        (memory, "1.5 GiB", 1.5),
        (memory, "8", 8.0),
        (memory, "1tb", 1024.0),
        (span, "30d", 2592000.0),
        (span, "12h", 43200.0),
        (span, "2w", 1209600.0),
        (span, "90min", 5400.0),
    ],
)
def test_quantities(read: Callable[[str], float], text: str, value: float) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"), [(memory, "x"), (memory, "0g"), (memory, "-1g"), (memory, "8q"), (span, "30"), (span, "d")]
)
def test_what_is_none_is_refused(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="write"):
        read(text)
