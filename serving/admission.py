"""How many more requests a server takes without harm to those that it has. Pure."""

from dataclasses import dataclass

from serving.metrics import Snapshot


@dataclass(frozen=True, slots=True)
class Rules:
    """`kv_mark`: share of the KV cache above which nothing is added. `blind`: workers in all where nothing is told.

    `first` may start at once on an idle server; later at most as many again as run already are added at a time, because
    a request's share of the cache grows while it works.
    """

    kv_mark: float = 0.8
    blind: int = 4
    first: int = 4


@dataclass(frozen=True, slots=True)
class Admission:
    """How many more workers may start now, and why not more."""

    more: int
    reason: str


def admission(
    active: int, now: Snapshot | None, before: Snapshot | None = None, rules: Rules | None = None
) -> Admission:
    """Room for more workers beside `active` ones of our own: nothing queues, the cache has room, nothing is preempted.

    A preempted request is computed anew: one that is let in too much costs every other one time.
    """
    rules = rules or Rules()
    if now is None or now.waiting is None or now.running is None:
        return Admission(max(rules.blind - active, 0), "the server does not tell its load")
    if now.waiting:
        return Admission(0, f"{now.waiting} requests wait in the server's queue")
    if before is not None and (now.preemptions or 0) > (before.preemptions or 0):
        return Admission(0, "the server preempts requests: its KV cache is too small for those that it has")
    running = max(now.running, active)
    if now.kv_use is None:
        return Admission(max(rules.blind - active, 0), "the server does not tell how full its KV cache is")
    if now.kv_use >= rules.kv_mark:
        return Admission(0, f"the KV cache is {now.kv_use:.0%} full")
    if not running:
        return Admission(rules.first, "the server is idle")
    each = now.kv_use / running
    fits = int((rules.kv_mark - now.kv_use) / each) if each else running
    return Admission(min(fits, running), f"the KV cache is {now.kv_use:.0%} full with {running} running")
