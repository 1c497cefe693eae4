"""Which server software answers, and what qwright will miss on one that is not vLLM.

Signs, from the servers' documentation: vLLM `GET /version` and owned_by "vllm"; llama.cpp `GET /props` with build_info
and owned_by "llamacpp"; Ollama `GET /api/version` and owned_by "library"; SGLang `GET /get_model_info` and owned_by
"sglang"; LiteLLM's proxy the header x-litellm-version and `GET /health/liveliness`.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence

from serving.doctor.finding import Finding, untold
from serving.doctor.server import Server
from serving.doctor.values import JsonObject, as_list, as_object, as_text, short
from serving.doctor.wire import Reply

NAME = "server"
# recipes of vllm-project for Qwen3.5-122B-A10B
OLDEST_VLLM = (0, 17)
MISSING = {
    "llama.cpp": (
        "no strict tools, no cache counters in vLLM's form, its own template variants may drop empty thoughts "
        "(then the prefix cache breaks at every step without thinking)",
        "start it with `--jinja --reasoning-format deepseek --chat-template-file` of Qwen's own file, or serve with "
        "`vllm serve` (`qwright serve` prints the command)",
    ),
    "Ollama": (
        "thinking cannot be switched by chat_template_kwargs, context is cut silently at num_ctx, no cached-token "
        "counts, no /tokenize, no strict tools",
        "set OLLAMA_CONTEXT_LENGTH=65536 at least; better serve with `vllm serve` (`qwright serve` prints the command)",
    ),
    "SGLang": (
        "no vLLM metrics, no chat form of /tokenize, strict tools differ",
        "start it with `--tool-call-parser qwen3_coder --reasoning-parser qwen3 --enable-cache-report "
        "--enable-metrics`, or serve with `vllm serve`",
    ),
    "LiteLLM": (
        "a proxy hides context length, /tokenize and /metrics, and has dropped reasoning from the history "
        "(BerriAI/litellm #41392), which empties every earlier thought",
        "point QWRIGHT_BASE_URL at vLLM itself, not at the proxy",
    ),
}


async def recognise(server: Server) -> Sequence[Finding]:
    """Ask every kind for its own sign at once."""
    paths = ("/version", "/props", "/api/version", "/get_model_info", "/health/liveliness")
    got = await asyncio.gather(*map(server.look, paths))
    replies: dict[str, Reply | None] = dict(zip(paths, got, strict=True))
    server.kind, server.version = kind_of(server.listing, server.headers, replies)
    return [verdict(server.kind, server.version)]


def kind_of(listing: JsonObject, headers: Mapping[str, str], replies: Mapping[str, Reply | None]) -> tuple[str, str]:
    """Kind ("" where no sign is known) and version of the server."""

    def body(path: str) -> JsonObject:
        reply = replies.get(path)
        return reply.body if reply is not None and reply.status == 200 else {}

    owners = {as_text(as_object(row).get("owned_by")).lower() for row in as_list(listing.get("data"))}
    alive = replies.get("/health/liveliness")
    if "x-litellm-version" in headers or (alive is not None and alive.status == 200 and "alive" in alive.text):
        return "LiteLLM", as_text(headers.get("x-litellm-version"))
    version, engine = as_text(body("/version").get("version")), body("/api/version")
    if "vllm" in owners or (version and not owners & {"llamacpp", "library", "sglang"} and "cmd" not in engine):
        return "vllm", version
    if "llamacpp" in owners or body("/props").get("build_info") is not None:
        return "llama.cpp", as_text(body("/props").get("build_info"))
    if "library" in owners or engine.get("version"):
        return "Ollama", as_text(engine.get("version"))
    if "sglang" in owners or body("/get_model_info").get("model_path"):
        return "SGLang", as_text(body("/get_model_info").get("version"))
    return "", ""


def verdict(kind: str, version: str) -> Finding:
    """What the kind and version mean for qwright."""
    shown = short(version, 40)
    if not kind:
        return untold(NAME, "an OpenAI-compatible server of unknown kind; qwright is made for vLLM and tested with it")
    if kind != "vllm":
        missing, mend = MISSING[kind]
        return Finding(NAME, "warn", f"{kind} {shown}".strip() + f", not vLLM: {missing}", mend, {"kind": kind})
    number = re.match(r"v?(\d+)\.(\d+)", version)
    figures = {"kind": "vllm", "version": version}
    if number is None:
        return Finding(NAME, "ok", f"vLLM {shown}".rstrip() + " (a version that tells no number)", figures=figures)
    if (int(number[1]), int(number[2])) < OLDEST_VLLM:
        seen = f"vLLM {shown} is older than {OLDEST_VLLM[0]}.{OLDEST_VLLM[1]}, the first that serves Qwen3.5"
        return Finding(NAME, "warn", seen, "pip install -U vllm", figures)
    return Finding(NAME, "ok", f"vLLM {shown}", figures=figures)
