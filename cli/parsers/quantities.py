"""Quantities as they are typed: sizes of memory, spans of time."""

import re
from argparse import ArgumentTypeError

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.I)
_SIZES = {"": 1.0, "g": 1.0, "m": 1 / 1024, "k": 1 / 1024**2, "t": 1024.0}
_SPANS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def memory(text: str) -> float:
    """GiB of "8g", "512m" or "8"; raises `ArgumentTypeError`."""
    found = _NUMBER.fullmatch(text.strip())
    factor = _SIZES.get(re.sub("i?b$", "", found[2].lower())) if found else None
    if not found or factor is None or not float(found[1]):
        raise ArgumentTypeError(f"{text!r} is no size; write 8g or 512m")
    return float(found[1]) * factor


def span(text: str) -> float:
    """Seconds of "30d", "12h" or "2w"; raises `ArgumentTypeError`."""
    found = _NUMBER.fullmatch(text.strip())
    factor = _SPANS.get(found[2].lower()) if found else None
    if not found or factor is None:
        raise ArgumentTypeError(f"{text!r} is no span of time; write 30d, 12h or 2w")
    return float(found[1]) * factor
