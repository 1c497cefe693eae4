import asyncio
import re

import pytest

from tests.tools.conftest import Desk
from tools.bash import HEAD_CHARACTERS, TAIL_CHARACTERS, Bash, BashArguments

IGNORED = "[job and action were ignored: they look at a background job, and go without a command]"


async def test_output_comes_as_it_is(desk: Desk) -> None:
    result = await desk.call("bash", command="echo out; echo err >&2")
    assert result.ok
    assert sorted(result.text.split("\n")) == ["err", "out"]
    assert b"".join(desk.heard)


async def test_a_failing_command_ends_with_its_code(desk: Desk) -> None:
    result = await desk.call("bash", command="echo before; exit 3")
    assert result.text == "before\n[exit code 3]"
    assert not result.ok


async def test_nothing_printed_is_said(desk: Desk) -> None:
    assert (await desk.call("bash", command="true")).text == "[no output, exit code 0]"


async def test_the_working_directory_carries_over_and_its_change_is_said_once(desk: Desk) -> None:
    (desk.folder / "sub").mkdir()
    first = await desk.call("bash", command="cd sub; export X=5")
    assert first.text == f"[the working directory is now {desk.folder}/sub]"
    second = await desk.call("bash", command="basename $PWD; echo $X")
    assert second.text == "sub\n5"


async def test_a_timeout_keeps_the_output_and_names_the_seconds(desk: Desk) -> None:
    result = await desk.call("bash", command="echo begun; sleep 30", timeout="1")
    assert result.text.startswith("begun\n[killed after 1 s; the output so far is above]")
    assert not result.ok
    assert "timed out" in result.summary


async def test_a_timeout_over_the_limit_is_lowered_and_said(desk: Desk) -> None:
    result = await desk.call("bash", command="echo x", timeout=120_000)
    assert "x\n[timeout lowered to the limit, 3600 s]" in result.text


async def test_processes_left_running_are_counted(desk: Desk) -> None:
    result = await desk.call("bash", command="sleep 2 >/dev/null 2>&1 & echo started")
    assert re.search(
        r"started\n\[\d process(es)? still running in the background(; further output goes to \S+)?\]$", result.text
    )


async def test_long_output_is_cut_and_the_whole_can_be_paged(desk: Desk) -> None:
    result = await desk.call("bash", command="for i in $(seq 1 6000); do echo line $i; done")
    note = re.search(r"\[… ([\d,]+) characters in ([\d,]+) lines left out; .+ is in (\S+), page.+\]", result.text)
    assert note is not None
    assert len(result.text) < HEAD_CHARACTERS + TAIL_CHARACTERS + 300
    assert result.text.startswith("line 1\n")
    assert result.text.endswith("line 6000")
    kept = result.text[: note.start()].count("\n") + result.text[note.end() + 1 :].count("\n") + 1
    assert kept + int(note[2].replace(",", "")) == 6000
    page = await desk.edit("view", note[3], view_range="3000-3001")
    assert "  3000\tline 3000\n  3001\tline 3001" in page.text


async def test_output_too_long_for_the_sandbox_is_cut_with_its_bytes_and_file(desk: Desk) -> None:
    result = await desk.call("bash", command="for i in $(seq 1 60000); do echo number $i; done")
    note = re.search(r"\[… about ([\d,]+) of ([\d,]+) bytes left out; the whole output is in (\S+), page", result.text)
    assert note is not None
    assert len(result.text) < HEAD_CHARACTERS + TAIL_CHARACTERS + 300
    assert result.text.endswith("number 60000")
    assert "number 30000" in (await desk.edit("view", note[3], view_range="[30000, 30000]")).text


async def test_terminal_noise_is_cleaned_and_indentation_survives_trimming(desk: Desk) -> None:
    result = await desk.call("bash", command=r"printf '    return \033[31m1\033[0m\n10%%\r100%%\n\xff\n'")
    assert result.text == "[output]\n    return 1\n100%\n\ufffd"


async def test_background_job_is_started_polled_and_killed(desk: Desk) -> None:
    started = await desk.call("bash", command="echo up; sleep 60", background=True)
    job = re.search(r"background job (\S+);", started.text)
    assert job is not None
    text = started.text
    for _ in range(50):
        poll = await desk.call("bash", job=job[1])
        text += poll.text
        if "up" in text:
            break
        await asyncio.sleep(0.05)
    assert "up\n" in text
    assert "is running" in text
    assert "[no new output]" in (await desk.call("bash", job=job[1], command="")).text
    killed = await desk.call("bash", job=job[1], action="kill")
    assert killed.ok
    assert "was killed" in killed.text


async def test_a_timeout_on_a_background_job_is_said_not_to_count(desk: Desk) -> None:
    assert "[timeout does not apply" in (await desk.call("bash", command="true", background="true", timeout=5)).text


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"command": ""}, ["empty", "nothing was run"]),
        ({"command": " \n"}, ["empty"]),
        ({}, ["empty"]),
        ({"command": "echo a\0b"}, ["NUL"]),
        ({"command": "echo \ud83d"}, ["U+D83D"]),
        ({"command": "x" * 200_000}, ["200,000", "100,000", "create"]),
        ({"command": "vim a.py"}, ["vim", "terminal", "str_replace_editor", "Nothing was run"]),
        ({"command": "python"}, ["python", "-c"]),
        ({"command": "ls", "timeout": 0}, ["timeout", "0", "1 or more"]),
        ({"command": "ls", "timeout": "soon"}, ["timeout", "'soon'", "whole number"]),
        ({"command": "ls", "background": "maybe"}, ["background", "'maybe'", '"true"', '"false"']),
        ({"command": "ls", "job": "1", "action": "kill"}, ["command", "kill", "exclude"]),
        ({"action": "kill"}, ["action", "job"]),
        ({"job": "77"}, ['"77"', "no background job"]),
    ],
)
async def test_what_cannot_run_is_a_sentence(desk: Desk, arguments: dict[str, object], facts: list[str]) -> None:
    result = await desk.call("bash", **arguments)
    assert not result.ok
    for fact in facts:
        assert fact in result.text


@pytest.mark.parametrize("also", [{"job": "1"}, {"job": "x", "action": "poll"}, {"action": "poll"}])
async def test_a_command_runs_when_a_model_fills_in_the_job_as_well(desk: Desk, also: dict[str, object]) -> None:
    result = await desk.call("bash", command="echo hi", **also)
    assert result.ok
    assert result.text == f"hi\n{IGNORED}"
    assert IGNORED in (await desk.call("bash", command="true", background="true", **also)).text


def test_only_a_poll_is_a_read() -> None:
    tool = Bash()
    assert tool.effect(BashArguments(command="ls")) == "execute"
    assert tool.effect(BashArguments(job="1")) == "read"
    assert tool.effect(BashArguments(job="1", action="kill")) == "execute"
