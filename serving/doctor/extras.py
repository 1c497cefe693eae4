"""What is good to know of a server: key, metrics, speculative decoding, images, speed."""

import base64
import struct
import zlib
from collections.abc import Sequence

from serving.doctor.answer import Answer
from serving.doctor.finding import Finding, untold
from serving.doctor.metrics import Metrics, read_metrics
from serving.doctor.server import Server
from serving.doctor.values import short
from serving.doctor.wire import Reply, Unreachable, is_local

KEY, METRICS, DRAFTS, IMAGES, SPEED = "key", "metrics", "speculative decoding", "images", "speed"
COUNTING = "Write the numbers from 1 to 40, separated by commas, and nothing else."
SLOW_TPS, SLOW_FIRST_S = 8.0, 10.0


async def key(server: Server) -> Sequence[Finding]:
    """Does the server ask for a key?"""
    try:
        status = (await server.wire.get(f"{server.base_url}/models", key=False, timeout_s=5.0)).status
    except Unreachable as error:
        return [untold(KEY, f"the second look failed ({error})")]
    return [judge_key(status in (401, 403), bool(server.wanted.api_key), is_local(server.base_url))]


def judge_key(asked: bool, given: bool, local: bool) -> Finding:
    """An open server on a network serves everybody."""
    if asked:
        return Finding(KEY, "ok", "the server asks for a key, and takes yours")
    note = "; yours is sent and ignored" if given else ""
    if local:
        return Finding(KEY, "ok", f"the server asks for none{note}; it is on this machine")
    seen = f"the server asks for no key{note}: whoever reaches its port can use it"
    return Finding(KEY, "ok", seen, "advice: start it with --api-key and set QWRIGHT_API_KEY")


async def metrics(server: Server) -> Sequence[Finding]:
    """Load and cache, as the server counts them."""
    reply = await server.look("/metrics")
    if reply is not None and reply.status == 200 and "vllm:" in reply.text:
        server.metrics = read_metrics(reply.text)
    return judge_metrics(server.kind, reply, server.metrics)


def judge_metrics(kind: str, reply: Reply | None, found: Metrics | None) -> Sequence[Finding]:
    """qwright's live view and its admission of batch work read these."""
    if found is None:
        if kind != "vllm":
            return [untold(METRICS, "vLLM's metrics are not there; load and queue stay unknown")]
        status = f"HTTP {reply.status}" if reply is not None else "no reply"
        seen = f"/metrics does not answer ({status}): load, queue and cache use stay unknown"
        return [Finding(METRICS, "warn", seen, "let /metrics through the proxy in front of vLLM")]
    running, waiting = (found.sums.get(f"vllm:num_requests_{state}", 0.0) for state in ("running", "waiting"))
    used = found.sums.get("vllm:kv_cache_usage_perc", 0.0)
    seen = f"{running:.0f} requests running, {waiting:.0f} waiting, {used:.0%} of the KV cache in use"
    figures = {"running": running, "waiting": waiting, "kv_cache_use": used, "block_tokens": found.block_tokens}
    findings = [Finding(METRICS, "ok", seen, figures=figures)]
    if found.speculative:
        seen = "is on (MTP or a draft model); together with the prefix cache it has corrupted answers (vLLM #43559)"
        mend = "leave out --speculative-config for agents, or keep it only while `answers from cache` below stays well"
        findings.append(Finding(DRAFTS, "warn", seen, mend))
    else:
        findings.append(Finding(DRAFTS, "ok", "off, which is safe with the prefix cache"))
    return findings


def picture(side: int = 64) -> str:
    """A small blue PNG as a data URL."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x20\x40\xc0" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


async def images(server: Server) -> Sequence[Finding]:
    """The same question with and without a picture."""
    text = {"type": "text", "text": "Which colour? One word."}
    image = {"type": "image_url", "image_url": {"url": picture()}}
    plain = await server.ask([{"role": "user", "content": [text]}], max_tokens=1)
    shown = await server.ask([{"role": "user", "content": [text, image]}], max_tokens=1)
    return [judge_images(plain, shown)]


def judge_images(plain: Answer, shown: Answer) -> Finding:
    """A picture that is taken must cost tokens."""
    if shown.refused:
        if 400 <= shown.status < 500:
            seen = "the server reads text only, so screenshots stay out"
            return Finding(IMAGES, "ok", seen, "advice, if you want them: serve without --language-model-only")
        return untold(IMAGES, f"the server failed on a picture (HTTP {shown.status}): {short(shown.error, 80)}")
    if plain.prompt_tokens is None or shown.prompt_tokens is None:
        return untold(IMAGES, "a picture is accepted; whether it is read, no count tells")
    cost = shown.prompt_tokens - plain.prompt_tokens
    if cost <= 0:
        return Finding(IMAGES, "warn", "a picture is accepted and dropped", "a multimodal checkpoint and template")
    return Finding(IMAGES, "ok", f"pictures are read (64x64 pixels: {cost} tokens)", figures={"tokens": cost})


async def speed(server: Server) -> Sequence[Finding]:
    """One short streamed answer."""
    messages = [{"role": "user", "content": f"({server.nonce}) {COUNTING}"}]
    return [judge_speed(await server.stream(messages, max_tokens=80))]


def judge_speed(answer: Answer) -> Finding:
    """Time to the first token and tokens per second of one sequence."""
    if answer.refused:
        seen = f"the server refuses to answer (HTTP {answer.status}): {short(answer.error)}"
        return Finding(SPEED, "fail", seen, "its log says why")
    tokens, span = answer.completion_tokens or 0, answer.last_s - answer.first_s
    figures = {"first_token_s": answer.first_s, "tokens": tokens}
    first = f"first token after {answer.first_s:.2f} s"
    if not answer.first_s:
        return untold(SPEED, "the model said nothing")
    slow = "wait until others are done, or see `qwright fit` for smaller or quantised checkpoints"
    if tokens < 16 or span <= 0:
        if answer.first_s > SLOW_FIRST_S:
            return Finding(SPEED, "warn", first, slow, figures)
        return Finding(SPEED, "ok", f"{first}; the answer was too short to tell tokens per second", figures=figures)
    rate = (tokens - 1) / span
    figures |= {"tokens_per_s": rate}
    status = "warn" if rate < SLOW_TPS or answer.first_s > SLOW_FIRST_S else "ok"
    return Finding(SPEED, status, f"{first}, then {rate:.0f} tokens/s", slow if status == "warn" else "", figures)
