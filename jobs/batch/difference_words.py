"""The comparison of two runs in words. Pure."""

from collections.abc import Iterator, Mapping

from agent.json_types import JsonValue, as_object
from jobs.batch.difference import Difference, effort, why
from jobs.batch.reports.facts import Run
from jobs.batch.reports.phases import phases, sums_of
from jobs.batch.reports.summary import resolve_rate

_SURE = 0.05
# What decides a run's results; other settings may differ without a word.
_TOLD = ("model", "server_version", "qwright", "context_tokens", "rows", "agents_md", "configuration")


def in_words(found: Difference, a: Run, b: Run, names: tuple[str, str]) -> str:
    """Lines for a terminal; `names` are the two folders."""
    return "\n".join(_lines(found, a, b, names))


def significance(found: Difference) -> str:
    """What the flips prove."""
    if not found.flips:
        return "No instance flipped: nothing tells the two apart."
    told = f"McNemar's exact test: p = {found.p:.3g}"
    if found.p < _SURE:
        return f"{told}; flips this uneven would be rare if both were equally good."
    return f"{told}; flips this uneven may well be chance. Run more instances, or several attempts, to know."


def _lines(found: Difference, a: Run, b: Run, names: tuple[str, str]) -> Iterator[str]:
    for side, run, name in (("A", a, names[0]), ("B", b, names[1])):
        yield f"{side}  {name}: {_rate(run)}; {_sums(run)}"
    yield from (f"   differs: {line}" for line in settings_that_differ(a.setup, b.setup))
    yield ""
    if not found.compared:
        yield "No instance is graded on both sides: `qwright evaluate` grades predictions."
    else:
        yield (
            f"{found.compared} instances graded on both sides: both resolved {found.both}, only A {found.only('A')}, "
            f"only B {found.only('B')}, neither {found.neither}."
        )
        yield significance(found)
    for flip in found.flips:
        loser = "B" if flip.resolved_by == "A" else "A"
        yield ""
        yield f"{flip.instance_id}: resolved by {flip.resolved_by}; {loser} {'; '.join(why(flip.loser))}"
        yield f"   A {effort(flip.a)}"
        yield f"   B {effort(flip.b)}"
        if flip.parting:
            yield f"   {flip.parting}"
    if found.left_out:
        yield ""
        yield "Not compared: " + "; ".join(f"{name} ({reason})" for name, reason in found.left_out.items())


def _rate(run: Run) -> str:
    rate = as_object(as_object(resolve_rate(run.facts, run.total)).get("all"))
    if not rate:
        return f"{run.total} instances, not graded"
    low, high = (100 * float(value) for value in (rate["low"], rate["high"]) if isinstance(value, int | float))
    missing = run.total - int(str(rate["of"]))
    told = f"{rate['resolved']} of {rate['of']} resolved (95 %: {low:.0f} to {high:.0f} %)"
    return f"{told}, {missing} not graded" if missing else told


def _sums(run: Run) -> str:
    statuses = [it.status for it in run.facts]
    sums = sums_of(statuses)
    return (
        f"{sum(status.steps for status in statuses)} steps ({sums.thinking_steps} thinking), "
        f"{sums.prompt_tokens:,} prompt and {sums.completion_tokens:,} completion tokens, {phases(statuses)['all']} s"
    )


def settings_that_differ(a: Mapping[str, JsonValue], b: Mapping[str, JsonValue]) -> Iterator[str]:
    """What the two runs were set up with differently, one line each."""
    for name in _TOLD:
        one, other = a.get(name), b.get(name)
        if one == other:
            continue
        ones, others = as_object(one), as_object(other)
        if not ones or not others:
            yield f"{name}: A {one}, B {other}"
            continue
        for key in sorted({*ones, *others}):
            if ones.get(key) != others.get(key):
                yield f"{key}: A {ones.get(key)}, B {others.get(key)}"
