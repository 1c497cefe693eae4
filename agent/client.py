"""The dialogue with vLLM: one streaming request, its bytes, its errors as sentences.

openai's client gives connections, authentication and error classes. Chunks are decoded here (`agent.sse`, `agent.turn`)
because vLLM's carry fields and faults that typed models drop. There is one retry layer, in `agent.nodes.model`, so the
client's own is off.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from agent import errors
from agent.json_types import JsonObject, JsonValue, as_object, as_text
from agent.settings import Endpoint
from agent.sse import Chunk, Done, Malformed, SseDecoder
from agent.thinking import StepMode
from agent.turn import Delta, ModelTurn, TurnAssembler

if TYPE_CHECKING:
    import openai
    from openai import AsyncOpenAI

CONNECT_TIMEOUT_S = 10.0
OVERFLOW_WORDS = (
    "maximum context length",
    "maximum model length",
    "exceeds model's maximum",
    "longer than the maximum",
)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request: the history as JSON fragments, the tool list as JSON bytes, and how to answer.

    `force` asks for a tool call whatever the model would say (`tool_choice: required`).
    """

    messages: Sequence[bytes]
    tools: bytes
    mode: StepMode
    max_tokens: int
    force: bool = False
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class TurnComplete:
    """The last item of a stream: everything that came, put together."""

    turn: ModelTurn


ModelItem = Delta | TurnComplete


class ModelClient(Protocol):
    """Whatever answers requests. Raises the `EndpointError` family before the first item, `StreamBroken` after it."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        """Pieces of one answer as they arrive, then `TurnComplete`. Closing the iterator cancels the request."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class VllmClient:
    """A vLLM server behind an OpenAI-compatible URL."""

    def __init__(self, endpoint: Endpoint, patience_s: float) -> None:
        self._endpoint = endpoint
        self._patience_s = patience_s
        self._client: AsyncOpenAI | None = None

    def _connected(self) -> "AsyncOpenAI":
        if self._client is None:
            import httpx2
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(
                base_url=self._endpoint.base_url,
                api_key=self._endpoint.api_key or "none",
                max_retries=0,
                timeout=httpx2.Timeout(self._patience_s, connect=CONNECT_TIMEOUT_S),
            )
        return self._client

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        """See `ModelClient.stream`."""
        import openai

        client = self._connected()
        body = request_body(self._endpoint.model, request)
        try:
            response = await client.post(
                "/chat/completions", cast_to=object, content=body, stream=True, stream_cls=openai.AsyncStream[object]
            )
        except openai.APIError as error:
            raise endpoint_error(error, self._endpoint) from error
        try:
            assembler = TurnAssembler()
            async for delta in _deltas(response.response.aiter_bytes(), assembler):
                yield delta
            yield TurnComplete(assembler.turn())
        finally:
            # A cancelled step must tell the server at once, or it goes on computing (vLLM frees the slot on close).
            await asyncio.shield(response.close())

    async def close(self) -> None:
        """See `ModelClient.close`."""
        if self._client is not None:
            await self._client.close()
            self._client = None


async def _deltas(data: AsyncIterator[bytes], assembler: TurnAssembler) -> AsyncIterator[Delta]:
    """Feed the stream to the assembler. Raises `StreamBroken`, or an `EndpointError` for an error in mid-stream."""
    import httpx2

    decoder = SseDecoder()
    try:
        async for piece in data:
            for item in decoder.feed(piece):
                match item:
                    case Done():
                        return
                    case Malformed(text):
                        raise errors.StreamBroken(f"The server sent a line that is no JSON in mid-answer: {text!r}.")
                    case Chunk(chunk):
                        if fault := as_object(chunk.get("error")):
                            raise _stream_error(fault)
                        for delta in assembler.add(chunk):
                            yield delta
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        if not assembler.finished:
            raise errors.StreamBroken(
                f"The connection broke in mid-answer ({type(error).__name__}: {error}). Is the server restarting?"
            ) from error


def _stream_error(fault: JsonObject) -> errors.EndpointError:
    message = as_text(fault.get("message")) or "no message"
    code = fault.get("code")
    if is_overflow(message):
        return errors.ContextOverflow(message)
    if code == 400:
        return errors.RequestInvalid(f"The server called the request invalid in mid-answer: {message}")
    return errors.EndpointBusy(f"The server reported an error in mid-answer (code {code}): {message}")


def is_overflow(message: str) -> bool:
    """Whether an error text of vLLM, in any of its wordings, says that the prompt is too long."""
    return any(words in message for words in OVERFLOW_WORDS)


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
    return _status_error(error.status_code, _server_text(error), error.response.headers.get("retry-after"), endpoint)


def _status_error(status: int, text: str, retry_after: str | None, endpoint: Endpoint) -> errors.EndpointError:
    where = endpoint.base_url
    if status in (401, 403):
        return errors.EndpointRefused(
            f"{where} refused the key (HTTP {status}). Set QWRIGHT_API_KEY to the value of vLLM's --api-key."
        )
    if status == 404:
        return errors.EndpointRefused(
            f"{where} knows no model {endpoint.model!r}, or the URL lacks /v1 (HTTP 404: {text}). "
            f"`curl {where}/models` lists what it serves."
        )
    if status in (408, 409, 425, 429) or status >= 500:
        wait = float(retry_after) if retry_after and retry_after.isdigit() else None
        return errors.EndpointBusy(f"{where} is busy or failing (HTTP {status}: {text}).", wait)
    if is_overflow(text):
        return errors.ContextOverflow(text)
    hint = ""
    if "auto" in text and "tool" in text:
        hint = " Start vLLM with --enable-auto-tool-choice --tool-call-parser qwen3_coder --reasoning-parser qwen3."
    return errors.RequestInvalid(f"{where} calls the request invalid (HTTP {status}: {text}).{hint}")


def _server_text(error: "openai.APIStatusError") -> str:
    try:
        body = as_object(json.loads(error.response.text))
    except ValueError:
        return error.response.text[:300]
    inner = as_object(body.get("error")) or body
    return as_text(inner.get("message")) or error.response.text[:300]


def request_body(model: str, request: ModelRequest) -> bytes:
    """The request as JSON bytes; the history is joined, not encoded anew, so that the cost per step stays flat."""
    sampling = request.mode.sampling
    choice: Literal["auto", "required"] = "required" if request.force else "auto"
    rest: dict[str, JsonValue] = {
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "presence_penalty": sampling.presence_penalty,
        "tool_choice": choice,
        "chat_template_kwargs": {"enable_thinking": request.mode.thinking},
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.seed is not None:
        rest["seed"] = request.seed
    head = b'{"model":' + json.dumps(model).encode() + b',"messages":[' + b",".join(request.messages)
    return head + b'],"tools":' + request.tools + b"," + json.dumps(rest).encode()[1:]
