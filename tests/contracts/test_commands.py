"""What `run` and the jobs promise, on every backend."""

import asyncio
import secrets
import time

import pytest

from sandboxes.protocol import CommandResult, JobStatus, Sandbox
from sandboxes.runner.command import LIVE_BYTES, LIVE_END

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _run(sandbox: Sandbox, command: str, timeout_s: float = 20) -> CommandResult:
    return await sandbox.run(command, timeout_s=timeout_s)


async def _text(sandbox: Sandbox, command: str) -> str:
    return (await _run(sandbox, command)).head.decode()


async def _count(sandbox: Sandbox, marker: str) -> int:
    """Processes whose command line holds the marker; the brackets keep this very search out of it."""
    found = await _text(
        sandbox, f"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '[{marker[0]}]{marker[1:]}'"
    )
    return int(found)


def _nap() -> str:
    """Seconds of a sleep that no other test's process list holds."""
    return str(secrets.randbelow(90_000) + 10_000)


async def _finished(sandbox: Sandbox, job_id: str) -> tuple[JobStatus, bytes]:
    output = b""
    for _ in range(200):
        status = await sandbox.poll_job(job_id)
        output += status.new_output
        if status.state != "running":
            return status, output
        await asyncio.sleep(0.05)
    raise AssertionError("the job did not end")


async def test_output_and_exit_code(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "echo out; echo err >&2; echo out2; exit 3")
    assert result.exit_code == 3
    assert result.head == b"out\nerr\nout2\n"
    assert (result.tail, result.total_bytes, result.output_path) == (b"", 13, None)
    assert not result.timed_out
    assert result.cwd == sandbox.workdir
    assert result.left_running == 0
    assert 0 <= result.duration_s < 10


async def test_directory_and_environment_carry_over_also_after_exit(sandbox: Sandbox) -> None:
    result = await _run(
        sandbox, "mkdir -p 'a b' && cd 'a b'; export KEPT='x  y'; export MORE=\"line1\nline2'\\\"\"; exit 4"
    )
    assert result.exit_code == 4
    assert result.cwd == f"{sandbox.workdir}/a b"
    assert await _text(sandbox, 'pwd; echo "$KEPT"; echo "$MORE"') == f"{sandbox.workdir}/a b\nx  y\nline1\nline2'\"\n"
    await _run(sandbox, "unset KEPT MORE; cd ..")
    assert await _text(sandbox, 'pwd; echo "${KEPT-gone}"') == f"{sandbox.workdir}\ngone\n"


async def test_state_survives_shell_options_and_stays_after_exec_and_kill(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "set -eu; export FIRST=1; false; echo never")
    assert result.exit_code == 1
    await _run(sandbox, "export SECOND=2; exec true")
    await _run(sandbox, "export THIRD=3; kill -9 $$")
    assert await _text(sandbox, 'echo "${FIRST-no} ${SECOND-no} ${THIRD-no}"') == "1 no no\n"


async def test_trace_shows_only_the_command(sandbox: Sandbox) -> None:
    assert await _text(sandbox, "set -x; true") == "+ true\n"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("", ""),
        ("# only a comment", ""),
        ("cat <<EOF\na $((1+1))\nEOF", "a 2\n"),
        ("cat <<'EOF'\n$HOME\nEOF\necho after", "$HOME\nafter\n"),
        ("echo a \\\n  b", "a b\n"),
        ("if true; then\n  echo yes\nfi", "yes\n"),
        ('f() { echo "f $1"; }\nf x', "f x\n"),
        ("echo $#", "0\n"),
        ("false; echo $?", "1\n"),
        ("echo $?", "0\n"),
        ("echo 'ünï — 漢'", "ünï — 漢\n"),
        ("cat; echo done", "done\n"),
        ("(exit 5); echo $?", "5\n"),
        ("printf 'no newline'", "no newline"),
    ],
)
async def test_commands_behave_as_in_a_plain_shell(sandbox: Sandbox, command: str, expected: str) -> None:
    result = await _run(sandbox, command)
    assert result.head.decode() == expected
    assert result.exit_code == 0


async def test_syntax_error_is_reported_and_harmless(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "echo 'unterminated")
    assert result.exit_code == 2
    assert b"nterminated" in result.head or b"unexpected EOF" in result.head
    assert b"QWRIGHT" not in result.head
    assert await _text(sandbox, "echo ok") == "ok\n"


async def test_friendly_defaults_and_given_environment(sandbox: Sandbox) -> None:
    assert await _text(sandbox, 'echo "$PAGER $GIT_PAGER $TERM $PIP_PROGRESS_BAR $GIVEN"') == "cat cat dumb off yes\n"
    assert await _text(sandbox, 'touch "$HOME/.probe" && rm "$HOME/.probe" && echo ok') == "ok\n"


async def test_signal_death_is_128_plus_n(sandbox: Sandbox) -> None:
    assert (await _run(sandbox, "kill -9 $$")).exit_code == 137
    assert (await _run(sandbox, "kill -TERM $$")).exit_code == 143


async def test_lost_directory_is_said(sandbox: Sandbox) -> None:
    await _run(sandbox, "mkdir doomed && cd doomed && rmdir ../doomed")
    result = await _run(sandbox, "echo on")
    assert result.head.endswith(b"on\n")
    assert b"doomed is gone" in result.head
    assert result.cwd == sandbox.workdir


async def test_binary_output_is_untouched(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "printf '\\000\\377\\376\\r\\n\\033[0m'")
    assert result.head == b"\x00\xff\xfe\r\n\x1b[0m"


async def test_long_output_keeps_head_and_tail_and_the_whole_in_a_file(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "head -c 5000000 /dev/zero | tr '\\0' x; echo END")
    assert result.total_bytes == 5_000_004
    assert len(result.head) + len(result.tail) < 100_000
    assert result.tail.endswith(b"xEND\n")
    assert result.output_path is not None
    assert (await _text(sandbox, f"wc -c < {result.output_path}")).strip() == "5000004"
    part = await sandbox.read_file(result.output_path, offset=4_999_999)
    assert part.data == b"xEND\n"


async def test_output_that_fits_has_no_tail(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "head -c 60000 /dev/zero | tr '\\0' x")
    assert (len(result.head), result.tail, result.output_path) == (60000, b"", None)


async def test_live_output_arrives(sandbox: Sandbox) -> None:
    pieces: list[bytes] = []
    await sandbox.run("echo one; sleep 0.2; echo two", timeout_s=10, on_output=pieces.append)
    assert b"".join(pieces) == b"one\ntwo\n"


async def test_live_output_that_ends_early_says_so(sandbox: Sandbox) -> None:
    pieces: list[bytes] = []
    await sandbox.run("yes | head -c 3000000", timeout_s=30, on_output=pieces.append)
    shown = b"".join(pieces)
    if b"of 3,000,000 bytes left out here]" not in shown:
        assert (shown[LIVE_BYTES - 2 :], shown.count(LIVE_END)) == (b"y\n" + LIVE_END, 1)


async def test_timeout_keeps_partial_output_and_kills_group_and_escapees(sandbox: Sandbox) -> None:
    nap = _nap()
    began = time.monotonic()
    result = await _run(
        sandbox, f"export LOST=1; echo partial; sleep {nap} & setsid sleep {nap} & sleep {nap}", timeout_s=1
    )
    assert result.timed_out
    assert result.exit_code is None
    assert result.head.startswith(b"partial\n")
    assert time.monotonic() - began < 8
    assert await _count(sandbox, nap) == 0
    assert await _text(sandbox, 'echo "${LOST-kept}"') == "kept\n"


async def test_timeout_kills_what_ignores_sigterm(sandbox: Sandbox) -> None:
    nap = _nap()
    result = await _run(sandbox, f"trap '' TERM; echo here; sleep {nap}; sleep {nap}", timeout_s=1)
    assert result.timed_out
    assert result.head.startswith(b"here\n")
    assert await _count(sandbox, nap) == 0


async def test_background_child_lives_on_and_run_returns_at_once(sandbox: Sandbox) -> None:
    nap = _nap()
    began = time.monotonic()
    result = await _run(sandbox, f"sleep {nap} & echo $!")
    assert time.monotonic() - began < 5
    assert result.exit_code == 0
    child = int(result.head)
    assert result.left_running >= 1
    assert await _count(sandbox, nap) >= 1
    await _run(sandbox, f"kill {child}")


async def test_later_output_of_a_background_child_goes_to_the_file(sandbox: Sandbox) -> None:
    result = await _run(sandbox, "(while [ ! -e go ]; do sleep 0.05; done; echo later; touch gone) & echo now")
    assert (result.head, result.left_running > 0) == (b"now\n", True)
    assert result.output_path is not None
    await _run(sandbox, "touch go; while [ ! -e gone ]; do sleep 0.05; done")
    assert (await sandbox.read_file(result.output_path)).data == b"now\nlater\n"


async def test_cancellation_kills(sandbox: Sandbox) -> None:
    nap = _nap()
    task = asyncio.create_task(sandbox.run(f"sleep {nap} & sleep {nap}", timeout_s=60))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(sandbox, nap) == 0
    assert await _text(sandbox, "echo alive") == "alive\n"


async def test_runs_are_concurrent(sandbox: Sandbox) -> None:
    # Each waits for all the others: one after the other they would never end.
    meet = "touch {n}.here; while [ $(ls *.here | wc -l) -lt 6 ]; do sleep 0.05; done; echo {n}"
    results = await asyncio.gather(*(_run(sandbox, meet.format(n=n), 40) for n in range(6)))
    assert [r.head for r in results] == [b"%d\n" % n for n in range(6)]


async def test_job_runs_in_the_current_state_and_reports_new_output(sandbox: Sandbox) -> None:
    await _run(sandbox, "mkdir j; cd j; export JOB=yes")
    status = await sandbox.start_job('echo "$JOB $PWD"; while [ ! -e go ]; do sleep 0.05; done; echo second; exit 7')
    assert status.state == "running"
    assert status.exit_code is None
    await _run(sandbox, "touch go")
    ended, output = await _finished(sandbox, status.job_id)
    output = status.new_output + output
    assert output.decode() == f"yes {sandbox.workdir}/j\nsecond\n"
    assert (ended.state, ended.exit_code, ended.total_bytes) == ("exited", 7, len(output))
    assert (await sandbox.read_file(ended.output_path)).data == output
    assert (await sandbox.poll_job(status.job_id)).new_output == b""


async def test_job_is_killed_with_its_group(sandbox: Sandbox) -> None:
    nap = _nap()
    status = await sandbox.start_job(f"echo up; sleep {nap} & sleep {nap}")
    await asyncio.sleep(0.3)
    killed = await sandbox.kill_job(status.job_id)
    assert killed.state == "killed"
    assert await _count(sandbox, nap) == 0
    again = await sandbox.kill_job(status.job_id)
    assert again.state == "killed"


async def test_unknown_job(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError):
        await sandbox.poll_job("no such job")
    with pytest.raises(KeyError):
        await sandbox.kill_job("no such job")


async def test_a_command_cannot_make_up_a_long_directory(sandbox: Sandbox) -> None:
    long = "{ printf /; head -c 3000000 /dev/zero | tr '\\0' x; printf '\\n\\0/\\0'; }"
    result = await _run(sandbox, f"trap - EXIT; {long} >{sandbox.scratch}/${{QWRIGHT_RUN}}state")
    assert result.cwd == sandbox.workdir
    plain = f"trap - EXIT; {long} >{sandbox.scratch}/$QWRIGHT_RUN.cwd; : >{sandbox.scratch}/$QWRIGHT_RUN.env"
    assert (await _run(sandbox, plain)).cwd == sandbox.workdir
    assert await _text(sandbox, "pwd") == f"{sandbox.workdir}\n"
