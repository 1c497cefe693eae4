"""How a batch tells how far it is: the live view, plain lines, events."""

import asyncio
import io
import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.batch.live import LiveView, live
from cli.batch.progress import Events, Form, form_of, progress_over
from cli.batch.table import BatchView, WorkerLine, drawn, load_line
from cli.dispatch import dispatch
from jobs.batch.progress import Progress
from jobs.batch.store import Status
from serving.metrics import Snapshot
from serving.view import Look, ServerView
from tests.fakes.http_server import HttpServer, Reply
from tests.jobs.places import raw_row

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
    told = out.getvalue()
    assert "1/3 done (33%)" in told
    assert re.search(r"infra 1 .*at work 1  to do 1", told)
    assert re.search(r"  1 auto/a__b-1 +7 +\d+ s +\d+ s", told)
    assert "server: 3 running, 2 waiting, KV cache 41%" in told
    assert "no engine" in told
    assert "\x1b]0;" not in told
    assert "\x07" not in told


async def test_the_view_redraws_on_its_own_line(page: Reply) -> None:
    out = io.StringIO()
    async with HttpServer([page]) as server, ServerView(server.url) as view, live(view, out) as shown:
        progress = Progress(2, lambda line: None, shown.heard)
        progress.begin("a__b-1")
        for step in range(1, 4):
            progress.step("a__b-1", step)
            while not re.search(rf"a__b-1 +{step} ", out.getvalue()):  # noqa: ASYNC110 -- what is drawn tells nobody
                await asyncio.sleep(0.02)
    # Each frame goes back to the first line of the one before.
    assert len(re.findall(r"\x1b\[\d*A|\x1b\[2K", out.getvalue())) >= 3


class Unseen(ServerView):
    """A server that nobody looks at."""

    async def looks(self, interval_s: float) -> AsyncGenerator[Look, None]:
        await asyncio.Event().wait()
        yield Look(None, None)


async def test_nothing_is_drawn_while_nothing_happens() -> None:
    out = io.StringIO()
    async with live(Unseen("http://127.0.0.1:9/v1"), out) as shown:
        progress = Progress(2, lambda line: None, shown.heard)
        progress.begin("a__b-1")
        while shown.changed.is_set() or "a__b-1" not in out.getvalue():  # noqa: ASYNC110 -- what is drawn tells nobody
            await asyncio.sleep(0.02)
        before = out.getvalue()
        await asyncio.sleep(0.7)
        assert out.getvalue() == before


async def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted in (True, False):
        monkeypatch.setenv("NO_COLOR", "" if wanted else "1")
        out = io.StringIO()
        async with ServerView("http://127.0.0.1:9/v1") as view, live(view, out) as shown:
            progress = Progress(2, lambda line: None, shown.heard)
            progress.begin("a__b-1")
            progress.end("a__b-1", status("a__b-1"))
        assert ("\x1b[32m" in out.getvalue()) == wanted
        assert "submitted 1" in re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())


WORKERS = st.lists(
    st.builds(
        WorkerLine,
        st.integers(1, 99),
        st.text(max_size=40),
        st.integers(0, 250),
        st.floats(0, 1e5),
        st.floats(0, 1e5),
    ),
    max_size=40,
)
VIEWS = st.builds(
    BatchView,
    st.integers(0, 500),
    st.integers(0, 500),
    st.dictionaries(st.sampled_from(["submitted", "limit", "failed", "infra", "crashed"]), st.integers(0, 99)),
    st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
    WORKERS,
    st.none(),
    st.lists(st.text(max_size=80), max_size=3),
)


@given(VIEWS, st.integers(8, 200), st.integers(1, 60), st.booleans())
def test_whatever_the_terminal_s_size_nothing_is_wider_or_higher(
    view: BatchView, width: int, height: int, ascii_only: bool
) -> None:
    lines = drawn(view, width, height, ascii_only=ascii_only)
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    assert not any("\n" in line.plain or "\x1b" in line.plain for line in lines)
    if height >= 8 and width >= 40 and view.workers:
        shown = [line for line in lines if re.match(r" *\d+ .*(\d|-) *(\d+ (s|min))?$", line.plain)]
        more = [int(found[1]) for line in lines if (found := re.match(r" +and (\d+) more at work", line.plain))]
        assert sum(more) < len(view.workers)
        assert not more or len(shown) >= 1


def test_the_bar_is_full_when_all_is_done() -> None:
    ends = {"submitted": 4, "limit": 2, "infra": 1}
    for done, cells in ((7, 80), (0, 0)):
        bar = drawn(BatchView(done, 7, ends if done else {}, 1.0, None, (), None, ()), 100, 24, ascii_only=True)[1]
        assert (bar.plain.count("#"), len(bar.plain)) == (cells, 80)


def test_workers_keep_their_place_and_a_free_one_is_taken_first() -> None:
    shown = LiveView(clock=lambda: 5.0)
    progress = Progress(5, lambda line: None, shown.heard)
    for name in ("a", "b", "c"):
        progress.begin(name)
    progress.end("b", status("b"))
    progress.begin("d")
    progress.step("c", 4)
    assert [(it.slot, it.name, it.step) for it in shown.view().workers] == [(1, "a", 0), (2, "d", 0), (3, "c", 4)]


async def test_events_go_to_a_file_beside_any_form(tmp_path: Path) -> None:
    forms: tuple[tuple[Form, int], ...] = (("plain", 2), ("json", 4))
    for form, count in forms:
        async with (
            ServerView("http://127.0.0.1:9/v1") as view,
            progress_over(form, 2, view, lambda line: None, tmp_path / "events") as progress,
        ):
            progress.begin("a__b-1")
            progress.end("a__b-1", status("a__b-1"))
        events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
        assert len(events) == count
        assert (events[-1]["event"], events[-1]["done"], events[-1]["total"]) == ("instance_ended", 1, 2)
        assert events[-1]["left_s"] >= 0


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
    assert drawn(LiveView().view(), 80, 24)


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_events_that_nobody_can_read_are_no_failure_of_an_instance() -> None:
    said: list[str] = []
    events = Events(Full(), said.append)
    progress = Progress(2, lambda line: None, events.tell)
    progress.begin("a__b-1")
    progress.step("a__b-1", 1)
    progress.end("a__b-1", status("a__b-1"))
    assert progress.done["submitted"] == 1
    (sentence,) = said
    assert "No space left on device" in sentence


def test_a_file_of_events_that_cannot_be_written_is_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(raw_row()))
    nowhere = tmp_path / "none" / "events"
    assert dispatch(["batch", str(rows), "--out", str(tmp_path / "out"), "--events", str(nowhere)]) == 2
    assert f"--events: {nowhere} cannot be written (No such file or directory)" in capsys.readouterr().err
