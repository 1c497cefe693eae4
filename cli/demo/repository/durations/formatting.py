"""From seconds to text."""

from durations.units import UNITS


def format_duration(seconds, parts=None):
    """Seconds as text such as "1h 30m"; `parts` is the largest number of units, the last of them rounded."""
    sign = "-" if seconds < 0 else ""
    rest = abs(seconds)
    if parts is not None:
        rest = _rounded_to(rest, parts)
    words = []
    for unit, size in UNITS[:-1]:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{int(count)}{unit}")
    if round(rest):
        words.append(f"{round(rest)}s")
    return sign + " ".join(words) if words else "0s"


def _rounded_to(seconds, parts):
    """Seconds rounded to the smallest unit that `parts` units, counted from the largest that fits, still show."""
    if parts < 1:
        raise ValueError("parts must be at least 1")
    sizes = [size for _, size in UNITS]
    first = next((number for number, size in enumerate(sizes) if seconds >= size), len(sizes) - 1)
    smallest = sizes[min(first + parts, len(sizes)) - 1]
    return round(seconds / smallest) * smallest
