"""What the live view of a batch shows, as lines for a terminal of any size. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.printing import one_line
from cli.status import elapsed
from serving.view import Look

if TYPE_CHECKING:
    from rich.text import Text

ENDS: Mapping[str, str] = {
    "submitted": "green",
    "limit": "yellow",
    "failed": "red",
    "infra": "yellow",
    "crashed": "red",
}
# Below this the times of a worker have no room beside the name of its instance.
_WIDE = 60
_SLOT, _STEP, _TIME = 4, 7, 13
# Longer than any terminal is wide.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One worker: its place, what it is at, at which step, and seconds at this step and at this instance."""

    slot: int
    name: str
    step: int
    step_s: float
    instance_s: float


@dataclass(frozen=True, slots=True)
class BatchView:
    """All that is shown. `ends` counts how instances ended; `last` are sentences on the newest."""

    done: int
    total: int
    ends: Mapping[str, int]
    passed_s: float
    left_s: float | None
    workers: Sequence[WorkerLine]
    look: Look | None
    last: Sequence[str]


def drawn(view: BatchView, width: int, height: int, *, ascii_only: bool = False) -> "list[Text]":
    """At most `height` lines of at most `width` cells; what has no room is counted."""
    head = [_far(view), _bar(view, width, ascii_only=ascii_only), _ends(view)]
    foot = [_text(load_line(view.look), "dim")]
    room = max(height - len(head) - len(foot), 0)
    wanted = len(view.workers) + 1 if view.workers else 0
    spare = min(max(room - wanted, 0), len(view.last))
    last = [_text(f"  {one_line(line, _LONGEST)}", "dim") for line in view.last[len(view.last) - spare :]]
    lines = [*head, *_table(view.workers, width, room - spare), *foot, *last][:height]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def load_line(look: Look | None) -> str:
    """What the server does, in short."""
    now = look.now if look else None
    if look is None or now is None:
        return "the server tells nothing of its load"
    parts = [f"server: {now.running or 0} running, {now.waiting or 0} waiting"]
    if now.kv_use is not None:
        parts.append(f"KV cache {now.kv_use:.0%}")
    if look.since is not None:
        parts += [f"{look.since.generation_tokens_s:,.0f} tokens/s"] if look.since.generation_tokens_s else []
        parts += [f"{look.since.preemptions} preempted"] if look.since.preemptions else []
    return ", ".join(parts)


def _text(words: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(words, style, no_wrap=True, overflow="ellipsis", end="")


def _far(view: BatchView) -> "Text":
    share = f" ({view.done / view.total:.0%})" if view.total else ""
    left = "" if view.left_s is None else f"  about {elapsed(view.left_s)} left"
    return _text(f"{view.done}/{view.total} done{share}  {elapsed(view.passed_s)}{left}", "bold")


def _bar(view: BatchView, width: int, *, ascii_only: bool) -> "Text":
    """One bar of the ends, in the colours of the line below it."""
    from rich.text import Text

    room = min(width, 80)
    full, rest = ("#", ".") if ascii_only else ("━", "─")
    line, used, ended = Text(no_wrap=True, end=""), 0, 0
    for name, style in ENDS.items():
        ended += view.ends.get(name, 0)
        upto = room * min(ended, view.total) // view.total if view.total else 0
        line.append(full * (upto - used), style)
        used = upto
    return line.append(rest * (room - used), "dim")


def _ends(view: BatchView) -> "Text":
    from rich.text import Text

    line = Text(no_wrap=True, end="")
    for name, count in view.ends.items():
        if count:
            line.append(f"{name} {count}  ", ENDS.get(name, ""))
    at_work = len(view.workers)
    to_do = max(view.total - view.done - at_work, 0)
    return line.append(f"at work {at_work}  to do {to_do}")


def _table(workers: Sequence[WorkerLine], width: int, room: int) -> "Iterator[Text]":
    from rich.cells import cell_len, set_cell_size

    if not workers or room < 2:
        yield from ()
        return
    wide = width >= _WIDE
    longest = max(cell_len(one_line(it.name, _LONGEST)) for it in workers)
    names = min(width - _SLOT - _STEP - (2 * _TIME if wide else 0), max(longest, len("instance")))
    heads = f"{'#':>{_SLOT - 1}} {set_cell_size('instance', max(names, 1))}{'step':>{_STEP}}"
    yield _text(heads + (f"{'at step':>{_TIME}}{'in all':>{_TIME}}" if wide else ""), "dim")
    shown = workers if len(workers) < room else workers[: room - 2]
    for it in shown:
        times = f"{elapsed(it.step_s):>{_TIME}}{elapsed(it.instance_s):>{_TIME}}" if wide else ""
        name = set_cell_size(one_line(it.name, _LONGEST), max(names, 1))
        yield _text(f"{it.slot:>{_SLOT - 1}} {name}{it.step or '-':>{_STEP}}{times}")
    if len(shown) < len(workers):
        yield _text(f"{'':>{_SLOT}}and {len(workers) - len(shown)} more at work", "dim")
