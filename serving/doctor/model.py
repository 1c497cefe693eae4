"""Which model is served under which name, and is its context long enough?"""

import re
from collections.abc import Sequence

from serving.doctor.finding import Finding, untold
from serving.doctor.server import Server
from serving.doctor.values import JsonObject, as_count, as_list, as_object, as_text, short

MODEL = "model"
CONTEXT = "context length"
LEAST_TOKENS = 16384
_FAMILY = re.compile(r"qwen[-_ ]?(\d(?:\.\d)?)", re.IGNORECASE)
_KNOWN = ("3.5", "3.6", "3.8")


async def model(server: Server) -> Sequence[Finding]:
    """Settle the model's name; checks that need answers ask this one."""
    rows = [as_object(row) for row in as_list(server.listing.get("data"))]
    row, finding = choose(rows, server.wanted.model)
    if row is not None:
        server.model = as_text(row.get("id"))
        server.context = as_count(row.get("max_model_len")) or 0
    return [finding]


def choose(rows: Sequence[JsonObject], wanted: str | None) -> tuple[JsonObject | None, Finding]:
    """The row of the model that qwright would use, and what is to say of it."""
    names = [as_text(row.get("id")) for row in rows]
    listed = short(", ".join(names), 200)
    if wanted is None and len(rows) != 1:
        seen = f"several models are served ({listed}) and none is named"
        return None, Finding(MODEL, "fail", seen, f"export QWRIGHT_MODEL={names[0]} (or another of them)")
    if wanted is not None and wanted not in names:
        seen = f"{short(wanted, 80)!r} is not served; served: {listed}"
        return None, Finding(MODEL, "fail", seen, f"export QWRIGHT_MODEL={names[0]}")
    row = rows[0] if wanted is None else rows[names.index(wanted)]
    return row, family(as_text(row.get("id")), as_text(row.get("root")))


def family(name: str, root: str) -> Finding:
    """What the served name, or the path that it stands for, says of the model."""
    found = _FAMILY.search(name) or _FAMILY.search(root)
    shown = short(name, 80)
    if found is None:
        return Finding(MODEL, "ok", f"{shown} (the name tells no family; the template below does)")
    version = found[1]
    if version in _KNOWN:
        return Finding(MODEL, "ok", shown, figures={"family": f"Qwen{version}"})
    seen = f"{shown} is Qwen{version}; prompts, parsers and the switching of thinking are made for Qwen3.5"
    return Finding(MODEL, "warn", seen, "serve a Qwen3.5 checkpoint; `qwright fit` says which one fits")


async def context(server: Server) -> Sequence[Finding]:
    """The context length against what a session needs."""
    if not server.context and server.kind == "llama.cpp":
        props = await server.look("/props")
        if props is not None:
            settings = as_object(props.body.get("default_generation_settings"))
            server.context = as_count(settings.get("n_ctx")) or 0
    return [enough(server.context, server.wanted.context_tokens)]


def enough(have: int, need: int) -> Finding:
    """`need` is what one long answer and the conversation before it take."""
    figures = {"context_tokens": have, "needed_tokens": need}
    if not have:
        return untold(CONTEXT, "the server does not say it, so long sessions may be refused or cut without notice")
    flag = f"--max-model-len {max(need, 131072)} (`qwright fit` says what the GPUs hold)"
    if have < LEAST_TOKENS:
        seen = f"{have:,} tokens: too short for a session (tools, files and one answer take {LEAST_TOKENS:,} at least)"
        return Finding(CONTEXT, "fail", seen, flag, figures)
    if have < need:
        seen = f"{have:,} tokens; sessions of {need:,} and more go on only by shrinking their history"
        return Finding(CONTEXT, "warn", seen, flag, figures)
    return Finding(CONTEXT, "ok", f"{have:,} tokens", figures=figures)
