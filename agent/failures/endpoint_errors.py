"""What a model server says is wrong, as errors with a sentence and a remedy.

The wordings are vLLM's (entrypoints/serve/utils, renderers/params.py); proxies in front of it have their own.
"""

import email.utils
import math
import re
import time
from typing import TYPE_CHECKING

from agent import errors
from agent.json_types import JsonObject, as_object, as_text, parse_object
from agent.settings import Endpoint

if TYPE_CHECKING:
    import openai

LONGEST_WAIT_S = 3600.0
# A shorter one is part of many words.
LEAST_KEY = 4
OVERFLOW_WORDS = (
    "maximum context length",
    "maximum model length",
    "exceeds model's maximum",
    "longer than the maximum",
)
_CONTEXT_LIMIT = re.compile(
    r"maximum context length(?: is|:| of| \()? ?\(?([\d,]{1,12})|maximum model length of ([\d,]{1,12})|"
    r"maximum length of ([\d,]{1,12})"
)
# In this order: "requested" counts the room for the answer as well.
_PROMPT_LENGTHS = (
    re.compile(r"([\d,]{1,12}) in the messages"),
    re.compile(r"contains (?:at least )?([\d,]{1,12}) (?:input )?tokens"),
    re.compile(r"(?:prompt|Input length) \((?:length )?([\d,]{1,12})\)"),
    re.compile(r"requested ([\d,]{1,12}) tokens"),
)


def endpoint_error(error: "openai.APIError", endpoint: Endpoint) -> errors.EndpointError:
    """An error of the openai client as a sentence with a remedy."""
    import openai

    where = endpoint.base_url
    if isinstance(error, openai.APITimeoutError):
        return errors.EndpointUnreachable(f"{where} did not answer in time. Is the server overloaded or still loading?")
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return errors.EndpointUnreachable(
            f"Cannot reach the model server at {where} ({cause}). Start it, or name another with --base-url."
        )
    if not isinstance(error, openai.APIStatusError):
        return errors.EndpointUnreachable(f"{where}: {error}")
    said = without_key(_server_text(error), endpoint.api_key)
    return _status_error(error.status_code, said, error.response.headers.get("retry-after"), endpoint)


def _status_error(status: int, text: str, retry_after: str | None, endpoint: Endpoint) -> errors.EndpointError:
    where = endpoint.base_url
    if is_overflow(text):
        return overflow(text)
    if status in (401, 403):
        return errors.EndpointRefused(
            f"{where} refused the key (HTTP {status}). Set QWRIGHT_API_KEY to the value of vLLM's --api-key."
        )
    if 300 <= status < 400:
        return errors.EndpointRefused(
            f"{where} redirects elsewhere (HTTP {status}); nothing was sent there. Give the server's own --base-url."
        )
    if status == 404:
        return errors.EndpointRefused(
            f"{where} knows no model {endpoint.model!r}, or the URL lacks /v1 (HTTP 404: {text}). "
            f"`curl {where}/models` lists what it serves."
        )
    if status in (408, 409, 425, 429, 502, 503, 504):
        return errors.EndpointBusy(f"{where} is busy (HTTP {status}: {text}).", retry_wait_s(retry_after))
    if status >= 500:
        return errors.EndpointFailed(f"{where} failed (HTTP {status}: {text}).", retry_wait_s(retry_after))
    hint = ""
    if "auto" in text and "tool" in text:
        hint = " Start vLLM with --enable-auto-tool-choice --tool-call-parser qwen3_coder --reasoning-parser qwen3."
    return errors.RequestInvalid(f"{where} calls the request invalid (HTTP {status}: {text}).{hint}")


def without_key(text: str, key: str) -> str:
    """What a server says, its key hidden where it repeats it: sentences about errors are shown, logged and posted."""
    return text.replace(key, "***") if len(key) >= LEAST_KEY else text


def retry_wait_s(retry_after: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, given in seconds or as a date (RFC 9110, 10.2.3); at most an hour."""
    if not retry_after:
        return None
    try:
        wait = float(retry_after)
    except ValueError:
        try:
            wait = email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(wait, 0.0), LONGEST_WAIT_S) if math.isfinite(wait) else None


def _server_text(error: "openai.APIStatusError") -> str:
    """What the server says is wrong: vLLM's `error.message`, or the beginning of whatever came."""
    body = parse_object(error.response.text) or {}
    inner = as_object(body.get("error")) or body
    said = as_text(inner.get("message")) or as_text(body.get("error")) or as_text(body.get("detail"))
    return said or error.response.text[:300].strip() or "no message"


def overflow(message: str) -> errors.ContextOverflow:
    """The refusal of a prompt that is too long, with the figures that vLLM puts into its sentence."""
    prompt = next((found for pattern in _PROMPT_LENGTHS if (found := pattern.search(message))), None)
    return errors.ContextOverflow(message, _number(_CONTEXT_LIMIT.search(message)), _number(prompt))


def _number(found: re.Match[str] | None) -> int:
    digits = next((group for group in found.groups() if group), "") if found else ""
    return int(digits.replace(",", "")) if digits else 0


def is_overflow(message: str) -> bool:
    """Whether an error text of vLLM, in any of its wordings, says that the prompt is too long."""
    return any(words in message for words in OVERFLOW_WORDS)


def fault_in(chunk: JsonObject) -> JsonObject:
    """The error that stands in place of a chunk: an object (vLLM), a bare sentence (proxies), or the chunk itself."""
    error = chunk.get("error")
    if isinstance(error, str) and error:
        return {"message": error}
    return as_object(error) or (chunk if chunk.get("object") == "error" else {})


def stream_error(fault: JsonObject, key: str = "") -> errors.EndpointError:
    """An error that came after HTTP 200, in place of a chunk (vLLM entrypoints/openai/chat_completion/serving.py)."""
    message = without_key(as_text(fault.get("message")) or "no message", key)
    code = str(fault.get("code"))
    if is_overflow(message):
        return overflow(message)
    if code == "400":
        return errors.RequestInvalid(f"The server called the request invalid in mid-answer: {message}")
    return errors.AnswerFailed(f"The server reported an error in mid-answer (code {code}): {message}")


def no_stream(content_type: str, endpoint: Endpoint) -> errors.AgentError:
    """HTTP 200 without a single chunk: not a model server, or one that ended before the first word."""
    if "event-stream" in content_type:
        return errors.StreamBroken("The server closed the stream before the first word. Is it restarting?")
    what = content_type or "something without a type"
    return errors.EndpointRefused(
        f"{endpoint.base_url} answered with {what}, not with a stream of events. Does the URL end in /v1?"
    )
