"""Is it ready? Only an answered chat says so: /health is green before template, kernels and sampling were tried."""

import http.client
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from serving.probe import ServedModel, ServerUnusable, look
from serving.serve.errors import ServeError
from serving.serve.log import LogTail, all_lines, decisive, phase, plain

BEAT_SECONDS = 0.5
CHAT_SECONDS = 600.0
"""The first chat may compile kernels for minutes."""
Report = Callable[[float, str, str], None]
"""Seconds so far, what vLLM is at, and the last line of its log."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A server that answers: the model it serves, seconds until then, and vLLM's version."""

    model: ServedModel
    seconds: float
    version: str


def wait_ready(
    process: "subprocess.Popen[bytes]", base_url: str, api_key: str, log: LogTail, report: Report, limit_s: float = 0.0
) -> Ready:
    """Wait until a chat is answered, saying through `report` what vLLM is at. `limit_s` 0: as long as it takes.

    Waits on the process, and looks at its log and its port between two beats: neither of them can be waited for.
    Raises `ServeError` when the server ends, refuses the chat, or takes longer than the limit.
    """
    begun = time.monotonic()
    busy, last = "starting", ""
    while True:
        ended = _ends_within(process, BEAT_SECONDS)
        for line in log.new():
            busy, last = phase(line) or busy, plain(line) or last
        if ended is not None:
            raise ServeError(death_sentence(ended, time.monotonic() - begun, log))
        seconds = time.monotonic() - begun
        report(seconds, busy, last)
        if _healthy(base_url) and (answered := _chat(base_url, api_key)) is not None:
            return Ready(answered[0], time.monotonic() - begun, answered[1])
        if limit_s and seconds > limit_s:
            raise ServeError(f"The server is not ready after {limit_s:.0f} s ({busy}: {last}). Its log: {log.path}.")


def death_sentence(exit_code: int, seconds: float, log: LogTail) -> str:
    """Why vLLM ended, in words that lead somewhere."""
    death = decisive(all_lines(log.path), exit_code)
    advice = f" {death.advice}" if death.advice else ""
    return f"vLLM ended after {seconds:.0f} s (exit code {exit_code}): {death.line}.{advice} The whole log: {log.path}."


def _ends_within(process: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _healthy(base_url: str) -> bool:
    try:
        with _open(f"{base_url.removesuffix('/v1')}/health", {}, None, 5.0):
            return True
    except (OSError, http.client.HTTPException):
        return False


def _chat(base_url: str, api_key: str) -> tuple[ServedModel, str] | None:
    """The model that answered and the server's version; None when it was not ready yet after all."""
    try:
        info = look(base_url, api_key)
    except ServerUnusable:
        return None
    model = info.models[0]
    body = {
        "model": model.name,
        "messages": [{"role": "user", "content": "Say: ready."}],
        "max_tokens": 16,
        "chat_template_kwargs": {"enable_thinking": False},
    }
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
    try:
        with _open(f"{base_url}/chat/completions", headers, json.dumps(body).encode(), CHAT_SECONDS) as response:
            answer: object = json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return None
        raise ServeError(f"vLLM runs, but refuses a chat (HTTP {error.code}): {_message(error)}") from error
    except (OSError, http.client.HTTPException, ValueError):
        return None
    choices = cast("Mapping[str, object]", answer).get("choices") if isinstance(answer, dict) else None
    return (model, info.version) if choices else None


def _open(url: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float) -> http.client.HTTPResponse:
    # Our own server is on this machine: a proxy of the environment has no part in it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    return cast("http.client.HTTPResponse", opener.open(request, timeout=timeout_s))


def _message(error: urllib.error.HTTPError) -> str:
    text = error.read(4000).decode(errors="replace")
    try:
        loaded: object = json.loads(text)
    except ValueError:
        return text
    inner = cast("Mapping[str, object]", loaded).get("error") if isinstance(loaded, dict) else None
    if isinstance(inner, dict):
        return str(cast("Mapping[str, object]", inner).get("message", text))
    return text
