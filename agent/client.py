"""The dialogue with vLLM: one streaming request, its bytes, its errors as sentences.

openai's client gives connections, authentication and error classes. Chunks are decoded here (`agent.sse`, `agent.turn`)
because vLLM's carry fields and faults that typed models drop. There is one retry layer, in `agent.nodes.model`, so the
client's own is off.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol

from agent import errors
from agent.failures.endpoint_errors import endpoint_error, fault_in, no_stream, stream_error
from agent.json_types import JsonObject, JsonValue, as_count, as_object
from agent.patience import Pace, ServerPulse, Tell, Vigil
from agent.settings import Endpoint
from agent.sse import Chunk, Done, Malformed, SseDecoder, SseItem
from agent.thinking import StepMode
from agent.turn import Delta, ModelTurn, TurnAssembler
from agent.watch import Watch

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream

CONNECT_TIMEOUT_S = 10.0
DRAIN_S = 0.2
COUNT_TIMEOUT_S = 10.0
# A token is a chunk of some 300 bytes: 82,000 of them have 25 MB.
MOST_ANSWER_BYTES = 256 * 1024**2
# Text of all kinds, roughly: the figure is shown to a person and decides nothing.
BYTES_PER_TOKEN = 4


def _unheard(_sentence: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request: the history as JSON fragments, the tool list as JSON bytes, and how to answer.

    `force` asks for a tool call whatever the model would say (`tool_choice: required`), `text_only` for none
    (`tool_choice: none`); vLLM leaves the tools in the prompt with either, so the cached prefix holds. `schema` is a
    JSON Schema that the answer must obey (vLLM's structured output, `response_format`).
    """

    messages: Sequence[bytes]
    tools: bytes
    mode: StepMode
    max_tokens: int
    force: bool = False
    text_only: bool = False
    schema: JsonObject | None = None


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

    async def count(self, request: ModelRequest) -> int | None:
        """Tokens of the request's prompt as the server counts them, None where it does not say. Never raises."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@cache
def authorities() -> ssl.SSLContext:
    """The certificates that are trusted, read once: a batch has a client for each instance, and each read takes 20 to
    150 ms in which no other instance moves. Whoever loads the client beside something slow reads them there.
    """
    import httpx2

    return httpx2.create_ssl_context()


class VllmClient:
    """A vLLM server behind an OpenAI-compatible URL.

    A silent server is waited for as long as `pulse` shows that it works, and `tell` gets sentences that say why; one
    that tells nothing is given `patience_s` seconds (see `agent.patience`).
    """

    def __init__(
        self,
        endpoint: Endpoint,
        patience_s: float,
        pulse: ServerPulse | None = None,
        tell: Tell = _unheard,
        pace: Pace | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._patience_s = patience_s
        self._pulse = pulse
        self._tell = tell
        self._pace = pace or Pace()
        self._client: AsyncOpenAI | None = None
        self._counts = True

    def _connected(self) -> "AsyncOpenAI":
        if self._client is None:
            key = self._endpoint.api_key
            if not (key.isascii() and key.isprintable()):
                raise errors.EndpointRefused("The key holds characters that HTTP cannot send. Check QWRIGHT_API_KEY.")
            import httpx2
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient

            from agent.bounded_errors import bounded

            self._client = AsyncOpenAI(
                base_url=self._endpoint.base_url,
                api_key=key or "none",
                max_retries=0,
                # How long an answer may take is for the watch to say.
                timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
                http_client=DefaultAsyncHttpxClient(
                    verify=authorities(),
                    # A redirect would take the prompt to a host that the user did not name.
                    follow_redirects=False,
                    event_hooks={"response": [bounded]},
                ),
            )
        return self._client

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        """See `ModelClient.stream`."""
        body = request_body(self._endpoint.model, request, self._endpoint)
        now = asyncio.get_running_loop().time()
        prompt_tokens = (sum(map(len, request.messages)) + len(request.tools)) // BYTES_PER_TOKEN
        vigil = Vigil(self._endpoint.base_url, self._patience_s, self._pace, prompt_tokens, now)
        async with Watch(vigil, self._pulse, self._tell) as watch:
            response = await self._post(body, watch)
            try:
                assembler = TurnAssembler()
                pieces = response.response.aiter_bytes()
                async with (
                    aclosing(pieces),
                    aclosing(_deltas(pieces, assembler, watch, self._endpoint.api_key)) as deltas,
                ):
                    async for delta in deltas:
                        yield delta
                if not assembler.begun:
                    raise no_stream(response.response.headers.get("content-type", ""), self._endpoint)
                yield TurnComplete(_ended(assembler))
            finally:
                # A cancelled step must tell the server at once, or it goes on computing (vLLM frees the slot on close).
                await asyncio.shield(response.close())

    async def _post(self, body: bytes, watch: Watch) -> "AsyncStream[object]":
        """The response once its headers have come. Raises the `EndpointError` family."""
        import httpx2
        import openai

        try:
            return await watch.over(
                self._connected().post(
                    "/chat/completions",
                    cast_to=object,
                    content=body,
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                )
            )
        except openai.APIError as error:
            raise endpoint_error(error, self._endpoint) from error
        except httpx2.InvalidURL as error:
            raise errors.EndpointRefused(
                f"{self._endpoint.base_url!r} is no URL ({error}). Check --base-url."
            ) from error
        except httpx2.HTTPError as error:  # while openai reads the body of an error
            raise errors.EndpointUnreachable(
                f"{self._endpoint.base_url} closed the connection while it reported an error ({type(error).__name__})."
            ) from error

    async def count(self, request: ModelRequest) -> int | None:
        """See `ModelClient.count`. vLLM's `/tokenize` stands beside `/v1`; a server without it is asked once."""
        import httpx2
        import openai

        if not self._counts:
            return None
        url = self._endpoint.base_url.rstrip("/").removesuffix("/v1") + "/tokenize"
        body = tokenize_body(self._endpoint.model, request)
        try:
            answer = await self._connected().post(
                url, cast_to=object, content=body, options={"timeout": COUNT_TIMEOUT_S}
            )
        except openai.APIStatusError as error:
            self._counts = error.status_code not in (404, 405, 501)
            return None
        except (openai.APIError, httpx2.HTTPError, httpx2.InvalidURL, errors.AgentError, ValueError):
            return None
        counted = as_count(as_object(answer).get("count"))
        self._counts = counted > 0
        return counted or None

    async def close(self) -> None:
        """See `ModelClient.close`."""
        if self._client is not None:
            await self._client.close()
            self._client = None


async def _deltas(
    data: AsyncGenerator[bytes, None], assembler: TurnAssembler, watch: Watch, key: str
) -> AsyncGenerator[Delta, None]:
    """Feed the stream to the assembler. Raises `StreamBroken`, or an `EndpointError` for an error in mid-stream."""
    import httpx2

    decoder, size = SseDecoder(), 0
    try:
        while (piece := await watch.over(anext(data, None))) is not None:
            size += len(piece)
            if size > MOST_ANSWER_BYTES:
                raise errors.StreamBroken(
                    f"More than {MOST_ANSWER_BYTES // 1024**2} MiB came for one answer without its end. Is this vLLM?"
                )
            for item in decoder.feed(piece):
                # A comment keeps the connection open and says nothing of the engine.
                watch.heard()
                if isinstance(item, Done):
                    await _drained(data)
                    return
                for delta in _taken(item, assembler, key):
                    yield delta
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        if not assembler.finished:
            raise errors.StreamBroken(
                f"The connection broke in mid-answer ({type(error).__name__}: {error}). Is the server restarting?"
            ) from error
    for item in decoder.end():
        for delta in _taken(item, assembler, key):
            yield delta


async def _drained(data: AsyncGenerator[bytes, None]) -> None:
    """Read to the end of the body, which follows [DONE] at once: only then can the connection be used again."""
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in data:
                pass
    except TimeoutError:
        return


def _taken(item: SseItem, assembler: TurnAssembler, key: str) -> Iterator[Delta]:
    match item:
        case Chunk(chunk):
            if fault := fault_in(chunk):
                raise stream_error(fault, key)
            yield from assembler.add(chunk)
        case Malformed(text) if assembler.begun and not assembler.finished:
            raise errors.StreamBroken(f"The server sent a line that is no JSON in mid-answer: {text!r}.")
        case _:
            return


def _ended(assembler: TurnAssembler) -> ModelTurn:
    """The answer of a stream that is over. Raises `StreamBroken` when the answer was not (qwen-code #2064)."""
    turn = assembler.turn()
    if turn.finish_reason is None:
        raise errors.StreamBroken(
            "The stream ended before the answer did. Is the server restarting, or a proxy cutting?"
        )
    if turn.finish_reason in ("abort", "error"):
        raise errors.StreamBroken(
            "The server gave the answer up before its end. Is it restarting or out of memory?", aborted=True
        )
    return turn


def request_body(model: str, request: ModelRequest, endpoint: Endpoint | None = None) -> bytes:
    """The request as JSON bytes; the history is joined, not encoded anew, so that the cost per step stays flat."""
    sampling = request.mode.sampling
    template: dict[str, JsonValue] = {"enable_thinking": request.mode.thinking}
    if endpoint is not None and endpoint.preserve_thinking is not None:
        template["preserve_thinking"] = endpoint.preserve_thinking
    choice: Literal["auto", "required", "none"] = (
        "none" if request.text_only else "required" if request.force else "auto"
    )
    rest: dict[str, JsonValue] = {
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "presence_penalty": sampling.presence_penalty,
        "tool_choice": choice,
        "chat_template_kwargs": template,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if endpoint is not None:
        rest |= _asked_of(endpoint)
    if request.schema is not None:
        rest["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": request.schema}}
    return _body(model, request, rest)


def _asked_of(endpoint: Endpoint) -> dict[str, JsonValue]:
    """What every request of this configuration carries; what is not set is not sent."""
    carried: dict[str, JsonValue] = {}
    if endpoint.priority:
        carried["priority"] = endpoint.priority
    if endpoint.seed is not None:
        carried["seed"] = endpoint.seed
    if endpoint.cache_salt:
        carried["cache_salt"] = endpoint.cache_salt
    return carried


def tokenize_body(model: str, request: ModelRequest) -> bytes:
    """The same prompt for vLLM's `/tokenize` (entrypoints/serve/tokenize/protocol.py)."""
    thinking: JsonValue = {"enable_thinking": request.mode.thinking}
    return _body(model, request, {"add_generation_prompt": True, "chat_template_kwargs": thinking})


def _body(model: str, request: ModelRequest, rest: JsonObject) -> bytes:
    head = b'{"model":' + json.dumps(model).encode() + b',"messages":[' + b",".join(request.messages)
    return head + b'],"tools":' + request.tools + b"," + json.dumps(rest).encode()[1:]
