"""One form for all figures: what, how much, the bar, and the ratio to a baseline of the same run."""


def row(what: str, value: float, unit: str, bar: str, ratio: float | None = None, baseline: str = "") -> None:
    """Print one figure."""
    beside = f"{ratio:8.2f} x {baseline}" if ratio is not None else ""
    print(f"{what:<34}{value:>9.2f} {unit:<4}{bar:<22}{beside}", flush=True)
