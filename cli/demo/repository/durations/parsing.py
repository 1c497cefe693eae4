"""From text to seconds."""

import re

from durations.units import SECONDS_BY_NAME

_PIECE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d(?:\.\d+)?)")


def parse_duration(text):
    """Seconds in a text such as "1h30m", "2 days", "1:02:03" or "45". Raises ValueError for anything else."""
    wanted = text.strip().lower()
    sign = -1.0 if wanted.startswith("-") else 1.0
    wanted = wanted.lstrip("+-")
    if _NUMBER.fullmatch(wanted):
        return sign * float(wanted)
    clock = _CLOCK.fullmatch(wanted)
    if clock:
        hours, minutes, seconds = clock.groups(default="0")
        return sign * (int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    return sign * _sum_of_pieces(wanted, text)


def _sum_of_pieces(wanted, text):
    total, position = 0.0, 0
    while position < len(wanted):
        piece = _PIECE.match(wanted, position)
        if piece is None or piece[2] not in SECONDS_BY_NAME:
            raise ValueError(f"not a duration: {text!r}")
        total += float(piece[1]) * SECONDS_BY_NAME[piece[2]]
        position = piece.end()
    if position == 0:
        raise ValueError(f"not a duration: {text!r}")
    return total
