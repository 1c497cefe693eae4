"""How long ago, in a word. Pure."""

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def ago(seconds: float) -> str:
    """`3 min ago`, `2 d ago`; below a minute `now`."""
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "now"


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "(empty)")
