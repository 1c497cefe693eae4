"""How a batch tells how far it is: the live view, plain lines, events."""

import asyncio
import io
import json
import re

import pytest

from cli.batch_live import LiveView, live, load_line
from cli.batch_progress import form_of, progress_over
from jobs.batch.progress import Progress
from jobs.batch.store import Status
from serving.metrics import Snapshot
from serving.view import Look, ServerView
from tests.fakes.http_server import HttpServer, Reply

METRICS = b"""\
vllm:num_requests_running{engine="0"} 3
vllm:num_requests_waiting{engine="0"} 2
vllm:kv_cache_usage_perc{engine="0"} 0.41
"""


def status(name: str, exit_status: str = "submitted", detail: str = "") -> Status:
    return Status.model_validate(
        {"instance_id": name, "exit_status": exit_status, "session_id": "s", "steps": 4, "detail": detail}
    )


@pytest.fixture
def page() -> Reply:
    return Reply((METRICS,), headers={"content-type": "text/plain"})


async def test_the_live_view_shows_workers_ends_load_and_time(page: Reply) -> None:
    out = io.StringIO()
    async with HttpServer([page]) as server, ServerView(server.url) as view, live(view, out) as shown:
        progress = Progress(3, lambda line: None, shown.heard)
        progress.begin("auto/a__b-1")
        progress.begin("a__b-2\x1b]0;title\x07")
        progress.step("auto/a__b-1", 7)
        progress.end("a__b-2\x1b]0;title\x07", status("a__b-2", "infra", "no engine"))
        shown.look = await view.look()
    drawn = out.getvalue()
    assert "1/3 done" in drawn
    assert "1 infra" in drawn
    assert "auto/a__b-1  step 7" in drawn
    assert "server: 3 running, 2 waiting, KV cache 41%" in drawn
    assert "no engine" in drawn
    assert "\x1b]0;" not in drawn
    assert "\x07" not in drawn


async def test_the_view_redraws_on_its_own_line(page: Reply) -> None:
    out = io.StringIO()
    async with HttpServer([page]) as server, ServerView(server.url) as view, live(view, out) as shown:
        progress = Progress(2, lambda line: None, shown.heard)
        for step in range(1, 4):
            progress.step("a__b-1", step)
            await asyncio.sleep(0.25)
    # Each frame goes back to the first line of the one before.
    assert len(re.findall(r"\x1b\[\d*A|\x1b\[2K", out.getvalue())) >= 3
    assert "step 3" in out.getvalue()


async def test_events_are_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    async with ServerView("http://127.0.0.1:9/v1") as view, progress_over("json", 2, view, lines.append) as progress:
        progress.begin("a__b-1")
        progress.step("a__b-1", 1)
        progress.end("a__b-1", status("a__b-1"))
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["instance_started", "step_started", "instance_ended"]
    assert events[1]["step"] == 1
    assert (events[2]["done"], events[2]["total"]) == (1, 2)
    assert events[2]["status"]["exit_status"] == "submitted"
    assert len(lines) == 2


@pytest.mark.parametrize("asked", ["live", "plain", "json"])
def test_what_is_asked_for_is_taken(asked: str) -> None:
    assert form_of(asked) == asked  # pyright: ignore[reportArgumentType]  # the forms, from the parameters


def test_files_and_ci_get_plain_lines() -> None:
    assert form_of("auto") == "plain"


def test_a_server_that_tells_nothing() -> None:
    assert load_line(None) == "the server tells nothing of its load"
    assert load_line(Look(Snapshot(0.0, running=1), None)) == "server: 1 running, 0 waiting"
    assert LiveView().drawn().renderables
