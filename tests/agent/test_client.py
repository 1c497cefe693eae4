"""The client against a server of our own: requests as bytes, answers, errors as sentences, cancellation."""

import asyncio
import json
import re
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import errors
from agent.client import ModelItem, ModelRequest, TurnComplete, VllmClient, request_body
from agent.failures.endpoint_errors import is_overflow, overflow, retry_wait_s
from agent.messages import (
    AssistantMessage,
    Message,
    Nudge,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
    to_wire,
    wire_bytes,
)
from agent.settings import Endpoint
from agent.thinking import DIRECT_SAMPLING, THINKING_SAMPLING, StepMode
from agent.turn import Delta, ModelTurn
from tests.agent.streams import captured, delta, sse, told, turn_of
from tests.fakes.http_server import Hang, HttpServer, Reply, Request, Reset

TOOLS = b'[{"type":"function","function":{"name":"bash"}}]'
DIRECT = StepMode(False, 0, DIRECT_SAMPLING, "test")
THINKING = StepMode(True, 100, THINKING_SAMPLING, "test")
ASK = ModelRequest([wire_bytes(UserMessage("hi"))], TOOLS, DIRECT, max_tokens=50)


@pytest.fixture(autouse=True)
async def no_stray_tasks() -> AsyncIterator[None]:
    yield
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def ask(url: str, request: ModelRequest = ASK, *, key: str = "", patience_s: float = 5.0) -> list[ModelItem]:
    client = VllmClient(Endpoint(url, "some/model", key), patience_s)
    try:
        async with aclosing(client.stream(request)) as items:
            return [item async for item in items]
    finally:
        await client.close()


async def answer(reply: Reply) -> tuple[list[ModelItem], Request]:
    async with HttpServer([reply]) as server:
        return await ask(server.url), server.requests[0]


async def failure(reply: Reply) -> errors.AgentError:
    async with HttpServer([reply]) as server:
        with pytest.raises(errors.AgentError) as raised:
            await ask(server.url)
        assert "Traceback" not in str(raised.value)
        return raised.value


# the request


def sent(request: ModelRequest, model: str = "m") -> dict[str, object]:
    body: dict[str, object] = json.loads(request_body(model, request))
    return body


MESSAGES: list[Message] = [
    SystemMessage("Grüße, 世界 👋"),
    UserMessage('a "quoted"\nline\t\u2028 \x00'),
    AssistantMessage("why", "I look.", (ToolCall("s1c0", "bash", '{"command": "ls \\"x\\""}'),)),
    ToolMessage("s1c0", "out <b>"),
    Nudge("go on"),
    AssistantMessage("", "", ()),
]


def test_body_has_the_fields_that_vllm_reads() -> None:
    body = sent(ModelRequest([], TOOLS, THINKING, max_tokens=7), "Qwen/ü")
    assert body == {
        "model": "Qwen/ü",
        "messages": [],
        "tools": [{"type": "function", "function": {"name": "bash"}}],
        "max_tokens": 7,
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "min_p": 0.0,
        "presence_penalty": 0.0,
        "tool_choice": "auto",
        "chat_template_kwargs": {"enable_thinking": True},
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_body_switches_thinking_sampling_and_force() -> None:
    body = sent(replace(ASK, force=True))
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert (body["temperature"], body["top_p"], body["presence_penalty"]) == (0.7, 0.8, 1.5)
    assert body["tool_choice"] == "required"


@pytest.mark.parametrize("keep", [True, False])
def test_preserved_thinking_is_asked_for_only_where_it_is_set(*, keep: bool) -> None:
    body: dict[str, object] = json.loads(request_body("m", ASK, Endpoint("u", "m", preserve_thinking=keep)))
    assert body["chat_template_kwargs"] == {"enable_thinking": False, "preserve_thinking": keep}


@pytest.mark.parametrize("seed", [None, 0, 7])
def test_a_seed_is_sent_only_where_there_is_one(seed: int | None) -> None:
    body = json.loads(request_body("q", ASK, Endpoint("u", "q", seed=seed)))
    assert body.get("seed") == seed
    assert ("seed" in body) == (seed is not None)


@pytest.mark.parametrize("salt", ["", "never"])
def test_a_cache_of_its_own_is_asked_for_only_by_name(salt: str) -> None:
    body = json.loads(request_body("q", ASK, Endpoint("u", "q", cache_salt=salt)))
    assert body.get("cache_salt", "") == salt
    assert ("cache_salt" in body) == bool(salt)


@pytest.mark.parametrize("priority", [0, 10, -3])
def test_a_priority_is_sent_unless_it_is_none(priority: int) -> None:
    body = json.loads(request_body("q", ASK, Endpoint("u", "q", priority=priority)))
    assert body.get("priority", 0) == priority
    assert ("priority" in body) == bool(priority)


def test_messages_go_out_in_order_and_unchanged() -> None:
    body = sent(ModelRequest([wire_bytes(message) for message in MESSAGES], TOOLS, DIRECT, 1))
    assert body["messages"] == [to_wire(message) for message in MESSAGES]
    assert body["messages"] == [
        {"role": "system", "content": "Grüße, 世界 👋"},
        {"role": "user", "content": 'a "quoted"\nline\t\u2028 \x00'},
        {
            "role": "assistant",
            "content": "I look.",
            "reasoning": "why",
            "reasoning_content": "why",
            "tool_calls": [
                {
                    "id": "s1c0",
                    "type": "function",
                    "function": {"name": "bash", "arguments": '{"command": "ls \\"x\\""}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "s1c0", "content": "out <b>"},
        {"role": "user", "content": "<tool_response>\ngo on\n</tool_response>"},
        {"role": "assistant", "content": ""},
    ]


def test_lone_surrogates_are_replaced() -> None:
    messages = [UserMessage("a\udcffb"), ToolMessage("c", "\ud800"), AssistantMessage("\ud83d", "\udc4b", ())]
    body = sent(ModelRequest([wire_bytes(message) for message in messages], TOOLS, DIRECT, 1))
    json.dumps(body, ensure_ascii=False).encode()
    assert [message["content"] for message in body["messages"]] == ["a?b", "?", "?"]  # type: ignore[index,attr-defined]


def test_a_longer_history_extends_the_bytes_of_the_shorter_one() -> None:
    fragments = [wire_bytes(message) for message in MESSAGES]
    short = request_body("m", ModelRequest(fragments[:3], TOOLS, DIRECT, 1))
    full = request_body("m", ModelRequest(fragments, TOOLS, THINKING, 9))
    assert full.startswith(short[: short.index(b'],"tools"')])


texts = st.text(st.characters(), max_size=20)


@given(
    st.lists(
        st.builds(UserMessage, texts)
        | st.builds(Nudge, texts)
        | st.builds(ToolMessage, texts, texts)
        | st.builds(
            AssistantMessage, texts, texts, st.lists(st.builds(ToolCall, texts, texts, texts), max_size=2).map(tuple)
        ),
        max_size=4,
    ),
    texts,
)
def test_any_history_is_valid_json(messages: list[Message], model: str) -> None:
    body = sent(ModelRequest([wire_bytes(message) for message in messages], TOOLS, DIRECT, 1), model)
    plain = json.loads(
        json.dumps([to_wire(message) for message in messages], ensure_ascii=False).encode("utf-8", "replace")
    )
    assert body["messages"] == plain


async def test_request_as_the_server_gets_it() -> None:
    async with HttpServer([Reply([captured("plain")])]) as server:
        await ask(server.url, key="secret")
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["content-type"] == "application/json"
    assert request.json() == sent(ASK, "some/model")


# answers


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
async def test_answer_in_pieces_of_any_size(size: int) -> None:
    data = captured("two-calls")
    items, _ = await answer(Reply([data[at : at + size] for at in range(0, len(data), size)]))
    assert isinstance(items[-1], TurnComplete)
    assert items[-1].turn == turn_of(data)
    assert all(isinstance(item, Delta) for item in items[:-1])
    shown = "".join(item.text for item in items[:-1] if isinstance(item, Delta) and item.kind == "reasoning")
    assert shown == items[-1].turn.reasoning


async def test_deltas_arrive_before_the_answer_is_over() -> None:
    async with HttpServer([Reply([sse(delta(content="Hel"), done=False), Hang])]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 5.0)
        async with aclosing(client.stream(ASK)) as items:
            assert await anext(items) == Delta("content", "Hel")
        await client.close()


FINISHED = sse(delta(content="Hello"), delta("stop"), done=False)


@pytest.mark.parametrize(
    "steps",
    [
        [FINISHED],
        [FINISHED + b"data: [DONE]"],
        [FINISHED + b"data: [DONE]\n\n", b"data: tail\n\n"],
        [FINISHED + b"data: garbage\n\n"],
        [FINISHED, 0.05, Reset],
        [b": warming up\n\n", b"data: garbage first\n\n", FINISHED],
    ],
    ids=["no [DONE]", "no line feed", "text after the end", "garbage after the end", "reset after the end", "before"],
)
async def test_an_answer_that_is_complete_counts_whatever_follows(steps: list[bytes]) -> None:
    items, _ = await answer(Reply(steps))
    assert isinstance(items[-1], TurnComplete)
    assert told(items[-1].turn) == told(ModelTurn("", "Hello", (), "stop", None))


PARTIAL = sse(delta(content="Hel"), done=False)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([PARTIAL], "ended before the answer did"),
        ([PARTIAL + b"data: [DONE]\n\n"], "ended before the answer did"),
        ([PARTIAL, 0.05, Reset], "connection broke"),
        ([PARTIAL + b"data: {garbage\n\n"], "no JSON"),
        ([PARTIAL + b"data: \xff\xfe\n\n"], "no JSON"),
        ([PARTIAL + b"data: [1]\n\n"], "no JSON"),
        ([PARTIAL, sse(delta("abort"))], "gave the answer up"),
        ([PARTIAL + sse(delta("tool_calls", tool_calls=[{"index": 0}]))[:-60]], "ended before the answer did"),
        ([], "before the first word"),
        ([b": ping\n\n"], "before the first word"),
        ([b"data: [DONE]\n\n"], "before the first word"),
    ],
)
async def test_an_answer_that_does_not_end_is_broken(steps: list[bytes], words: str) -> None:
    error = await failure(Reply(steps))
    assert isinstance(error, errors.StreamBroken)
    assert words in str(error)


async def test_cut_at_any_event_it_is_broken() -> None:
    events = captured("two-calls").split(b"\n\n")
    last = next(number for number, event in enumerate(events) if b'"finish_reason":"tool_calls"' in event)
    replies = [Reply([b"\n\n".join(events[:count]) + b"\n\n"]) for count in range(1, last + 1)]
    async with HttpServer(replies) as server:
        for _ in replies:
            with pytest.raises(errors.StreamBroken):
                await ask(server.url)


async def test_body_shorter_than_announced_is_broken() -> None:
    error = await failure(Reply([PARTIAL], announced=10_000))
    assert isinstance(error, errors.StreamBroken)


@pytest.mark.parametrize("content_type", ["text/html", "application/json", ""])
async def test_something_else_than_a_stream_is_the_wrong_url(content_type: str) -> None:
    error = await failure(Reply([b"<html>Welcome to nginx</html>"], headers={"content-type": content_type}))
    assert isinstance(error, errors.EndpointRefused)
    assert "/v1" in str(error)


# errors in mid-stream


@pytest.mark.parametrize(
    ("chunk", "kind", "words"),
    [
        ({"error": {"message": "bad", "type": "BadRequestError", "code": 400}}, errors.RequestInvalid, "bad"),
        ({"error": {"message": "bad", "code": "400"}}, errors.RequestInvalid, "bad"),
        ({"error": {"message": "boom", "type": "InternalServerError", "code": 500}}, errors.AnswerFailed, "boom"),
        ({"error": {"message": "busy", "code": 503}}, errors.AnswerFailed, "503"),
        ({"error": {"message": "odd", "code": None}}, errors.AnswerFailed, "odd"),
        ({"error": {"code": 500}}, errors.AnswerFailed, "no message"),
        ({"error": "upstream timed out"}, errors.AnswerFailed, "upstream timed out"),
        ({"object": "error", "message": "engine died", "code": 500}, errors.AnswerFailed, "engine died"),
        (
            {"error": {"message": "This model's maximum context length is 9 tokens.", "code": 400}},
            errors.ContextOverflow,
            "9 tokens",
        ),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
async def test_error_object_in_place_of_a_chunk(
    chunk: object, kind: type[errors.AgentError], words: str, begun: bool
) -> None:
    error = await failure(Reply([PARTIAL if begun else b"", sse(chunk)] if begun else [sse(chunk)]))
    assert type(error) is kind
    assert words in str(error)


async def test_error_field_that_is_null_is_no_error() -> None:
    items, _ = await answer(Reply([sse({"error": None, "choices": []}, done=False), FINISHED]))
    assert isinstance(items[-1], TurnComplete)


# errors by status

OVERFLOWS = [
    "This model's maximum context length is 65536 tokens. However, your prompt contains at least 70000 input tokens, "
    "which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. "
    "(parameter=input_tokens, value=70000)",
    "This model's maximum context length is 65536 tokens. However, your prompt contains 900000 characters (more than "
    "655360 characters, which is the upper bound for 65536 input tokens).",
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (3000 in the messages, "
    "2000 in the completion). Please reduce the length of the messages or completion.",
    "The decoder prompt (length 70000) is longer than the maximum model length of 65536. Make sure that "
    "`max_model_len` is no smaller than the number of text tokens.",
    "Input length (70000) exceeds model's maximum context length (65536).",
]


def vllm_error(message: str, code: int) -> list[bytes]:
    return [json.dumps({"error": {"message": message, "type": "x", "param": None, "code": code}}).encode()]


def status(code: int, steps: list[bytes], **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(steps, status=code, headers={"content-type": "application/json", **named})


FIGURES = [(65536, 70000), (65536, 0), (4096, 3000), (65536, 70000), (65536, 70000)]


@pytest.mark.parametrize(("message", "figures"), list(zip(OVERFLOWS, FIGURES, strict=True)))
def test_context_overflow_says_the_limit_and_the_length(message: str, figures: tuple[int, int]) -> None:
    error = overflow(message)
    assert (error.context_tokens, error.prompt_tokens) == figures


@pytest.mark.parametrize("message", OVERFLOWS)
@pytest.mark.parametrize("code", [400, 500])
async def test_context_overflow_in_each_wording(message: str, code: int) -> None:
    error = await failure(status(code, vllm_error(message, code)))
    assert isinstance(error, errors.ContextOverflow)
    assert message in str(error)


@pytest.mark.parametrize("message", ["max_tokens must be at least 1", "The model is at its maximum.", ""])
def test_other_messages_are_no_overflow(message: str) -> None:
    assert not is_overflow(message)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (400, errors.RequestInvalid, "System message must be at the beginning."),
        (401, errors.EndpointRefused, "QWRIGHT_API_KEY"),
        (403, errors.EndpointRefused, "QWRIGHT_API_KEY"),
        (404, errors.EndpointRefused, "some/model"),
        (405, errors.RequestInvalid, "405"),
        (408, errors.EndpointBusy, "408"),
        (409, errors.EndpointBusy, "409"),
        (413, errors.RequestInvalid, "413"),
        (422, errors.RequestInvalid, "422"),
        (429, errors.EndpointBusy, "429"),
        (500, errors.EndpointFailed, "500"),
        (502, errors.EndpointBusy, "502"),
        (503, errors.EndpointBusy, "503"),
        (504, errors.EndpointBusy, "504"),
    ],
)
async def test_status_codes(code: int, kind: type[errors.AgentError], words: str) -> None:
    error = await failure(status(code, vllm_error("System message must be at the beginning.", code)))
    assert type(error) is kind
    assert words in str(error)
    assert re.search(r"127\.0\.0\.1:\d+", str(error))


async def test_missing_tool_parser_says_how_to_start_the_server() -> None:
    message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    assert "--tool-call-parser qwen3_coder" in str(await failure(status(400, vllm_error(message, 400))))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad Gateway</html>",
        b"[" * 50_000,
        b"\xff\xfe",
        b'{"error": "plain"}',
        b'{"detail": "Not Found"}',
        b"null",
    ],
)
async def test_error_bodies_of_any_kind(body: bytes) -> None:
    error = await failure(status(502, [body]))
    assert isinstance(error, errors.EndpointBusy)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-3", 0.0),
        ("soon", None),
        ("\xb2", None),
        ("inf", None),
        ("99999999", 3600.0),
    ],
)
async def test_retry_after(header: str, wait_s: float | None) -> None:
    error = await failure(status(429, vllm_error("slow down", 429), retry_after=header))
    assert isinstance(error, errors.EndpointBusy)
    assert error.retry_after_s == wait_s


async def test_without_retry_after_there_is_no_wait() -> None:
    error = await failure(status(503, vllm_error("busy", 503)))
    assert isinstance(error, errors.EndpointBusy)
    assert error.retry_after_s is None


@pytest.mark.parametrize("seconds", [-5, 0, 120])
def test_retry_after_as_a_date(seconds: int) -> None:
    import time

    wait = retry_wait_s(formatdate(time.time() + seconds, usegmt=True))
    assert wait is not None
    assert max(seconds, 0) - 2 <= wait <= max(seconds, 0)


@given(st.text(max_size=30))
def test_any_retry_after_is_read_without_error(header: str) -> None:
    wait = retry_wait_s(header)
    assert wait is None or 0 <= wait <= 3600


# no answer at all


async def test_connection_refused() -> None:
    async with HttpServer([]) as server:
        url = server.url
    with pytest.raises(errors.EndpointUnreachable, match="--base-url"):
        await ask(url)


async def test_unknown_host() -> None:
    with pytest.raises(errors.EndpointUnreachable, match="--base-url"):
        await ask("http://no-such-host.invalid/v1")


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://host/v1", "http://[::1/v1", "http://host:99999/v1", ""])
async def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(errors.EndpointError):
        await ask(url)


async def test_a_key_that_no_header_can_hold() -> None:
    async with HttpServer([Reply([captured("plain")])]) as server:
        for key in ("schlüssel", "line\nfeed", "世界"):
            with pytest.raises(errors.EndpointRefused, match="QWRIGHT_API_KEY"):
                await ask(server.url, key=key)


async def test_reset_before_the_first_byte() -> None:
    error = await failure(Reply([Reset], headless=True))
    assert isinstance(error, errors.EndpointUnreachable)


async def test_closed_before_the_first_byte() -> None:
    error = await failure(Reply([], headless=True))
    assert isinstance(error, errors.EndpointUnreachable)


@pytest.mark.parametrize(
    "garbage", [b"\x00\x01\x02garbage\r\n\r\n", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc X\r\n\r\n"]
)
async def test_garbage_instead_of_http(garbage: bytes) -> None:
    error = await failure(Reply([garbage], headless=True))
    assert isinstance(error, errors.EndpointUnreachable)


async def test_reset_inside_an_error_body() -> None:
    error = await failure(Reply([b'{"error": {"mess', 0.05, Reset], status=503))
    assert isinstance(error, errors.EndpointError)


async def test_patience_ends_before_the_first_byte() -> None:
    async with HttpServer([Reply([Hang], headless=True)]) as server:
        with pytest.raises(errors.EndpointBusy, match="was silent for"):
            await ask(server.url, patience_s=0.2)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)


async def test_patience_ends_in_mid_answer() -> None:
    async with HttpServer([Reply([PARTIAL, Hang])]) as server:
        with pytest.raises(errors.StreamBroken, match="was silent for"):
            await ask(server.url, patience_s=0.2)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)


# cancellation


async def test_cancelling_before_the_first_byte_closes_the_connection() -> None:
    async with HttpServer([Reply([Hang], headless=True)]) as server:
        asking = asyncio.create_task(ask(server.url))
        await asyncio.wait_for(server.arrived.wait(), 5)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)


@pytest.mark.parametrize("steps", [[Hang], [PARTIAL, Hang], [sse(delta(reasoning="Hm"), done=False), Hang]])
async def test_cancelling_in_mid_answer_closes_the_connection(steps: list[bytes]) -> None:
    async with HttpServer([Reply(steps)]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 30.0)
        first = asyncio.Event()

        async def read() -> None:
            async with aclosing(client.stream(ASK)) as items:
                async for _ in items:
                    first.set()

        reading = asyncio.create_task(read())
        await asyncio.wait_for((first if len(steps) > 1 else server.arrived).wait(), 5)
        await asyncio.sleep(0.02)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        await client.close()


async def test_leaving_the_stream_early_closes_the_connection_and_the_client_goes_on() -> None:
    async with HttpServer([Reply([PARTIAL, Hang]), Reply([FINISHED])]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 30.0)
        async with aclosing(client.stream(ASK)) as items:
            await anext(items)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        async with aclosing(client.stream(ASK)) as items:
            assert isinstance([item async for item in items][-1], TurnComplete)
        await client.close()


async def test_the_connection_is_closed_by_us_and_not_by_the_garbage_collector() -> None:
    left: list[AsyncGenerator[object, object]] = []
    hooks = sys.get_asyncgen_hooks()
    async with HttpServer([Reply([PARTIAL, Hang])]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 30.0)
        sys.set_asyncgen_hooks(firstiter=hooks.firstiter, finalizer=left.append)
        try:
            async with aclosing(client.stream(ASK)) as items:
                await anext(items)
        finally:
            sys.set_asyncgen_hooks(*hooks)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        for generator in left:
            await generator.aclose()
        await client.close()


async def test_connections_are_used_again() -> None:
    async with HttpServer([Reply([captured("plain")])]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 30.0)
        for _ in range(3):
            async with aclosing(client.stream(ASK)) as items:
                async for _ in items:
                    pass
        await client.close()
        await client.close()
    assert len(server.requests) == 3
    assert server.connections == 1


async def test_a_body_that_stays_open_behind_its_end_does_not_hold_the_answer_up() -> None:
    async with HttpServer([Reply([FINISHED + b"data: [DONE]\n\n", Hang])]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 30.0)
        async with asyncio.timeout(5), aclosing(client.stream(ASK)) as items:
            assert isinstance([item async for item in items][-1], TurnComplete)
        await asyncio.wait_for(server.requests[0].gone.wait(), 5)
        await client.close()


async def test_certificates_are_read_once_for_the_clients_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    really = ssl.create_default_context

    def counted(*arguments: object, **options: object) -> ssl.SSLContext:
        read.append(arguments)
        return really()

    monkeypatch.setattr(ssl, "create_default_context", counted)
    for _ in range(3):
        with pytest.raises(errors.EndpointUnreachable):
            await ask("http://127.0.0.1:1/v1")
    assert len(read) <= 1
