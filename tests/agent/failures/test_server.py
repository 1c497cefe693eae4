"""Servers that refuse, fail, cut, reset and restart: what the user, the model and the log see of each, end to end."""

import asyncio
import json
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import errors
from agent.events import StepFinished
from agent.json_types import as_text
from agent.nodes.retry import JITTER, WAITS_S, Patience
from agent.pictures import Picture
from agent.settings import Endpoint, Settings
from tests.agent.failures.wire import DONE, capture, refuses, says, stream, talk
from tests.agent.streams import call_piece, captured, delta, sse
from tests.agent.test_client import OVERFLOWS
from tests.fakes.http_server import Hang, Reply, Reset

SETTINGS = Settings(Endpoint("", "test"))
EMPTY_TWICE = [capture("nothing"), capture("nothing")]
CALL = stream(
    sse(call_piece(index=0, id="a", name="bash", arguments='{"command": "echo hi >> ran"}'), delta("tool_calls"))
)


async def test_a_required_call_that_the_server_cannot_make_is_asked_for_without_the_requirement(tmp_path: Path) -> None:
    """The server's own bytes: HTTP 200, and an error 500 in place of the answer, each time again."""
    async with talk(tmp_path, [*EMPTY_TWICE, capture("nothing"), capture("forced-prose"), DONE]) as run:
        assert (await run.run()).summary == "All done."
        assert [required for _, required in run.modes()] == [False, False, False, True, False]
        assert run.counts() == {"empty_answer": 3, "force_refused": 1}
        assert "asking without requiring a call" in run.told()


@pytest.mark.parametrize("status", [400, 500])
async def test_a_required_call_that_is_refused_with_a_status(tmp_path: Path, status: int) -> None:
    refused = refuses(status, "grammar is not satisfiable")
    async with talk(tmp_path, [*EMPTY_TWICE, capture("nothing"), refused, DONE]) as run:
        assert (await run.run()).status == "done"
        assert run.counts()["force_refused"] == 1
        assert len(run.server.requests) == 5


@pytest.mark.parametrize("message", OVERFLOWS)
async def test_context_overflow_makes_room_and_asks_again(tmp_path: Path, message: str) -> None:
    work = [
        stream(
            sse(
                call_piece(index=0, id="a", name="bash", arguments=json.dumps({"command": f"seq {n} {n + 900}"})),
                delta("tool_calls"),
            )
        )
        for n in range(12)
    ]
    async with talk(tmp_path, [*work, refuses(400, message), DONE]) as run:
        outcome = await run.run("count")
        assert (outcome.status, outcome.summary) == ("done", "All done.")
        assert run.counts() == {"context_overflow": 1}
        assert message[:40] in run.told()
        before, after = run.server.requests[12].body, run.server.requests[-1].body
        if "in the messages" in message:
            # The prompt fits: it was the room for the answer that did not.
            assert json.loads(after)["messages"] == json.loads(before)["messages"]
            assert json.loads(after)["max_tokens"] <= 4096 - 3000
        else:
            assert len(after) < len(before) * 3 // 4
            assert b'"content":"count"' in after


async def test_a_conversation_that_cannot_be_made_to_fit_ends_with_a_sentence(tmp_path: Path) -> None:
    async with talk(tmp_path, [refuses(400, OVERFLOWS[0])]) as run:
        outcome = await run.run()
        assert outcome.status == "limit"
        assert "the prompt has 70,000 tokens, too long for the server, whose context is 65,536;" in outcome.summary
        assert len(run.server.requests) <= 3


async def test_a_history_that_is_refused_goes_out_plain_and_stays_so(tmp_path: Path) -> None:
    thought = stream(
        sse(
            delta(reasoning="I look."),
            call_piece(index=0, id="a", name="bash", arguments='{"command": "printf \'a\\\\001b\'"}'),
            delta("tool_calls"),
        )
    )
    refused = refuses(400, "messages.2: Extra inputs are not permitted: reasoning_content")
    async with talk(tmp_path, [thought, refused, CALL, DONE]) as run:
        assert (await run.run()).status == "done"
        assert run.counts() == {"history_refused": 1}
        assert "plain history" in run.told()
        assert "reasoning" in run.messages(1)[2]
        for number in (2, 3):
            assert "reasoning" not in run.messages(number)[2]
            assert "\x01" not in str(run.messages(number)[3]["content"])
        assert run.messages(2)[2]["tool_calls"] == run.messages(1)[2]["tool_calls"]


async def test_a_request_that_is_refused_plain_too_ends_the_turn_and_can_be_resumed(tmp_path: Path) -> None:
    async with talk(tmp_path, [refuses(400, "no such field"), DONE]) as run:
        outcome = await run.run()
        assert outcome.status == "failed"
        assert isinstance(outcome.error, errors.RequestInvalid)
        assert "no such field" in outcome.summary
        assert (await run.session.resume()).summary == "All done."


@pytest.mark.parametrize(
    "words",
    [
        "At most 0 image(s) may be provided in one prompt.",
        "/models/q is not a multimodal model",
        "unknown content part",
    ],
)
async def test_a_server_without_eyes_gets_a_line_about_each_picture(tmp_path: Path, words: str) -> None:
    picture = Picture("shot.png", "image/png", 640, 480, "AAAA")
    async with talk(tmp_path, [refuses(400, words), DONE, DONE]) as run:
        assert (await run.run("look", (picture,))).status == "done"
        assert run.counts() == {"pictures_refused": 1}
        assert "without the pictures" in run.told()
        assert b"image_url" in run.server.requests[0].body
        assert b"image_url" not in run.server.requests[1].body
        told = as_text(run.messages(1)[1]["content"])
        assert "[picture: shot.png, 640 x 480, 1 kB]" in told
        assert "look" in told
        assert "takes no pictures" in told
        await run.run("and now")
        assert b"image_url" not in run.server.requests[2].body


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again_when_it_says(tmp_path: Path, status: int) -> None:
    busy = refuses(status, "The engine is currently busy", retry_after="1")
    async with talk(tmp_path, [busy, DONE]) as run:
        began = time.monotonic()
        assert (await run.run()).status == "done"
        assert time.monotonic() - began >= 1.0
        assert run.counts() == {"server_busy": 1}
        assert "The engine is currently busy" in run.told()
        assert "asking again in 1 s" in run.told()


async def test_a_pause_longer_than_patience_ends_the_turn_at_once(tmp_path: Path) -> None:
    busy = refuses(429, "Too many requests", retry_after="3000")
    async with talk(tmp_path, [busy]) as run:
        outcome = await run.run()
        assert outcome.status == "failed"
        assert isinstance(outcome.error, errors.EndpointBusy)
        assert "asks for a pause of 3000 s" in outcome.summary


async def test_cancel_ends_the_wait_for_a_busy_server_at_once(tmp_path: Path) -> None:
    busy = refuses(429, "Too many requests", retry_after="600")
    async with talk(tmp_path, [busy]) as run, asyncio.TaskGroup() as tasks:
        turn = tasks.create_task(run.run())
        await run.told_of("server_busy")
        began = time.monotonic()
        run.session.cancel()
        assert (await turn).status == "cancelled"
        assert time.monotonic() - began < 2


async def test_a_server_that_fails_at_a_request_is_asked_five_times(tmp_path: Path) -> None:
    quick = replace(SETTINGS, server_wait_s=0.0)
    async with talk(tmp_path, [refuses(500, "Internal server error"), DONE], settings=quick) as run:
        assert (await run.run()).status == "done"
        assert run.counts() == {"server_failed": 1}
        assert "HTTP 500" in run.told()


@pytest.mark.parametrize(
    ("body", "counter"),
    [
        (sse(delta(content="Hel"), {"error": {"message": "engine died", "code": 500}}), "stream_error"),
        (sse(delta(content="Hel"), delta("abort")), "answer_aborted"),
        (sse(delta(content="Hel")), "stream_cut"),
        (sse(delta(content="Hel"), done=False), "stream_cut"),
        (b"", "stream_cut"),
    ],
)
async def test_an_answer_that_does_not_end_is_asked_for_again(tmp_path: Path, body: bytes, counter: str) -> None:
    async with talk(tmp_path, [stream(body), DONE]) as run:
        assert (await run.run()).summary == "All done."
        assert run.counts() == {counter: 1}
        assert run.messages(0) == run.messages(1)
        assert "asking again" in run.told()
        assert [event.text for event in run.seen if isinstance(event, StepFinished)] == ["All done."]


WHOLE = captured("no-closing-tool_call")
ENDED = WHOLE.index(b"\n", WHOLE.rindex(b'"finish_reason":"tool_calls"'))


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, len(WHOLE)), reset=st.booleans())
def test_a_stream_cut_at_any_byte_costs_nothing_but_the_time(
    tmp_path_factory: pytest.TempPathFactory, cut: int, reset: bool
) -> None:
    """The call runs exactly once, whether the server closes the connection properly or resets it."""
    broken = cut < ENDED
    whole = stream(WHOLE.replace(b'"arguments":"ls"', b'"arguments":"echo hi >> ran"'))

    async def drive(folder: Path) -> None:
        cut_off = Reply([part for part in (WHOLE[:cut], Reset if reset and broken else b"") if part])
        async with talk(folder, [cut_off, *([whole] if broken else []), DONE]) as run:
            assert (await run.run()).summary == "All done."
            assert len(run.results()) == 1
            assert len(run.server.requests) == (3 if broken else 2)
            assert sum(run.counts().values()) == (1 if broken else 0)
            assert not broken or (run.tree / "ran").read_text() == "hi\n"

    asyncio.run(drive(tmp_path_factory.mktemp("cut")))


async def test_a_reset_on_a_stale_connection_is_retried_once_at_once(tmp_path: Path) -> None:
    async with talk(tmp_path, [CALL, Reply([Reset], headless=True), DONE]) as run:
        began = time.monotonic()
        assert (await run.run()).status == "done"
        assert time.monotonic() - began < 5
        assert run.counts() == {"connection_lost": 1}
        assert (run.tree / "ran").read_text() == "hi\n"
        assert "asking again" in run.told()


async def test_a_silent_server_is_given_up_and_asked_again(tmp_path: Path) -> None:
    """How long it may be silent is decided from its metrics, see `agent.patience`; this one has none."""
    async with talk(tmp_path, [Reply([Hang]), DONE], patience_s=1.0) as run:
        assert (await run.run()).summary == "All done."
        assert run.counts() == {"first_token_late": 1}
        assert "was silent for" in run.told()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def start(port: int, mode: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.fakes.restarting_server", str(port), mode]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def test_a_server_that_dies_in_mid_answer_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    """A process that kills itself while it speaks, is away, comes back loading (503), and then works."""
    port = free_port()
    dying = await start(port, "dies")
    async with talk(tmp_path, [DONE], url=f"http://127.0.0.1:{port}/v1") as run, asyncio.TaskGroup() as tasks:
        turn = tasks.create_task(run.run())
        await dying.wait()
        await run.told_of("server_away")
        again = await start(port, "loads")
        try:
            outcome = await turn
        finally:
            again.kill()
            await again.wait()
        assert (outcome.status, outcome.summary, outcome.steps) == ("done", "Back again.", 1)
        assert run.counts()["stream_cut"] == run.counts()["server_away"] == 1
        assert run.counts()["server_busy"] == 2
        assert "waiting for it, up to 15 min" in run.told()
        assert "The model server is back after" in run.told()


async def test_a_server_that_stays_away_ends_the_turn_which_resume_takes_up(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{free_port()}/v1"
    settings = replace(SETTINGS, server_wait_s=0.5)
    async with talk(tmp_path, [DONE], url=gone, settings=settings) as run:
        outcome = await run.run()
        assert outcome.status == "failed"
        assert isinstance(outcome.error, errors.EndpointUnreachable)
        assert "`qwright resume` goes on from here" in outcome.summary
        assert "Given up after" in outcome.summary


# the schedule


@given(st.floats(0, 1))
def test_pauses_grow_and_are_spread(at: float) -> None:
    patience = Patience(900.0, jitter=lambda: at)
    pauses = [patience.pause_s(errors.EndpointBusy("busy"), 0.0) for _ in range(9)]
    for pause, base in zip(pauses, [*WAITS_S[1:], 30.0, 30.0, 30.0], strict=True):
        assert pause is not None
        assert base * (1 - JITTER) <= pause <= base * (1 + JITTER)


@given(st.floats(0, 800), st.floats(0, 1))
def test_retry_after_is_never_undercut(asked: float, at: float) -> None:
    pause = Patience(900.0, jitter=lambda: at).pause_s(errors.EndpointBusy("busy", asked), 50.0)
    assert pause is not None
    assert pause >= asked


def test_a_failing_server_gets_five_tries_and_an_absent_one_its_time() -> None:
    patience = Patience(900.0)
    failing = [patience.pause_s(errors.EndpointFailed("500"), 0.0) for _ in range(5)]
    assert [pause is None for pause in failing] == [False, False, False, False, True]
    patience = Patience(900.0)
    assert all(patience.pause_s(errors.EndpointUnreachable("away"), 100.0) is not None for _ in range(50))
    assert patience.pause_s(errors.EndpointUnreachable("away"), 900.0) is None
    assert says("x").status == 200
