"""The shell tool: one command line, or a look at a background job."""

import posixpath
from typing import Annotated, Literal

from pydantic import Field

from sandboxes.errors import PathChanged
from sandboxes.protocol import CommandResult, JobStatus
from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolFailure, ToolResult, TypedTool
from tools.output import Clip, clean, clip, line_count
from tools.shell_words import interactive_program

HEAD_CHARACTERS = 6_000
TAIL_CHARACTERS = 10_000
_LONGEST_COMMAND = 100_000
_SUMMARY = 100
_JOB_IGNORED = "[job and action were ignored: they look at a background job, and go without a command]"
_NO_TIMEOUT = "[timeout does not apply to a background job: it runs until it ends or is killed]"


class BashArguments(Arguments):
    """Arguments of `bash`: a command, or a job to look at."""

    command: edges.Text = Field(default="", description="Shell command line, or a script of several lines.")
    timeout: edges.OptionalWhole = Field(
        default=None, description="Seconds until the command is killed; default 120, or what the user set."
    )
    background: edges.OptionalFlag = Field(default=None, description="Start it and return at once with a job id.")
    job: edges.OptionalWord = Field(default=None, description="Id of a background job, instead of a command.")
    action: Annotated[Literal["poll", "kill"] | None, edges.forgiving] = Field(
        default=None, description="What to do with the job; default poll."
    )


class Bash(TypedTool[BashArguments]):
    """Run commands in the sandbox's shell."""

    name = "bash"
    arguments = BashArguments

    def effect_of(self, arguments: BashArguments) -> Effect:
        """Polling a job reads; everything else executes."""
        polls = arguments.job is not None and not arguments.command.strip() and arguments.action != "kill"
        return "read" if polls else "execute"

    async def do(self, arguments: BashArguments, context: ToolContext) -> ToolResult:
        """Run, start, poll or kill."""
        command, notes = arguments.command, list[str]()
        if command.strip() and arguments.action != "kill":
            # Small models fill in every argument there is; what they want is plain.
            notes = [_JOB_IGNORED] if arguments.job is not None or arguments.action is not None else []
        elif arguments.job is not None or arguments.action is not None:
            if command.strip():
                raise ToolFailure("command and a job to kill exclude each other; nothing was done. Give one of them.")
            if arguments.job is None:
                raise ToolFailure("action needs job, the id that starting the background job returned.")
            return await _job(arguments.job, arguments.action == "kill", context)
        _check(command)
        if arguments.background == "true":
            return await _start(command, context, notes + ([_NO_TIMEOUT] if arguments.timeout is not None else []))
        return await _run(command, arguments.timeout, context, notes)


def _check(command: str) -> None:
    """Refuse what cannot run, with the reason."""
    if not command.strip():
        raise ToolFailure("command is empty, so nothing was run. Give a shell command, or job to poll a job.")
    if "\0" in command:
        raise ToolFailure("command holds a NUL byte, so nothing was run; write it as \\0 inside printf or $'…'.")
    if len(command.encode("utf-8", "replace")) > _LONGEST_COMMAND:
        raise ToolFailure(
            f"command has {len(command):,} characters, the limit is {_LONGEST_COMMAND:,}; nothing was run. "
            "Write long text to a file with str_replace_editor create."
        )
    try:
        command.encode()
    except UnicodeEncodeError as error:
        raise ToolFailure(
            f"command holds half of a surrogate pair (U+{ord(command[error.start]):04X}), which is no character; "
            "nothing was run."
        ) from None
    if refusal := interactive_program(command):
        raise ToolFailure(f"{refusal} Nothing was run.")


async def _run(command: str, timeout: int | None, context: ToolContext, before: list[str]) -> ToolResult:
    seconds, notes = _timeout(timeout, context)
    notes = before + notes
    result = await context.sandbox.run(command, timeout_s=seconds, on_output=context.on_output)
    if result.timed_out:
        notes.append(f"[killed after {seconds} s; the output so far is above]")
    elif result.exit_code is None:
        notes.append("[killed]")
    elif result.exit_code != 0:
        notes.append(f"[exit code {result.exit_code}]")
    if result.left_running:
        processes = "process" if result.left_running == 1 else "processes"
        further = f"; further output goes to {result.output_path}" if result.output_path else ""
        notes.append(f"[{result.left_running} {processes} still running in the background{further}]")
    previous = context.state.cwd or context.sandbox.workdir
    if result.cwd != previous:
        notes.append(f"[the working directory is now {result.cwd}]")
    context.state.cwd = result.cwd
    output = await _output(result, context)
    if not output and not notes:
        output = "[no output, exit code 0]"
    ending = "timed out" if result.timed_out else f"exit {result.exit_code}"
    summary = f"{_one_line(command)} ({ending}, {result.duration_s:.1f} s)"
    return ToolResult(_joined(output, notes), summary, ok=result.exit_code == 0)


def _timeout(wanted: int | None, context: ToolContext) -> tuple[int, list[str]]:
    most = context.settings.timeout_max_s
    if wanted is None:
        return min(context.settings.timeout_default_s, most), []
    if wanted <= 0:
        raise ToolFailure(f"timeout is {wanted}, but it counts seconds and must be 1 or more; nothing was run.")
    if wanted > most:
        return most, [f"[timeout lowered to the limit, {most} s]"]
    return wanted, []


async def _output(result: CommandResult, context: ToolContext) -> str:
    """The command's output cut to head and tail; the whole of it is in a file when anything was left out."""
    if result.output_path is not None and result.total_bytes > len(result.head) + len(result.tail):
        head, tail = clean(result.head), clean(result.tail)
        head = clip(head, head=HEAD_CHARACTERS, tail=0).head
        tail = clip(tail, head=0, tail=TAIL_CHARACTERS).tail or tail
        missing = max(0, result.total_bytes - len(head.encode()) - len(tail.encode()))
        note = f"[… about {missing:,} of {result.total_bytes:,} bytes left out{_where(result.output_path)}]"
        return "\n".join(part for part in (head.rstrip("\n"), note, tail.rstrip("\n")) if part)
    return await _clipped(result.head + result.tail, result.output_path, context)


async def _clipped(data: bytes, path: str | None, context: ToolContext) -> str:
    """Output that is all here, cut when it is long; `path` is a file that has it all, made here when there is none."""
    text = clean(data)
    cut: Clip = clip(text, head=HEAD_CHARACTERS, tail=TAIL_CHARACTERS)
    if not cut.left_characters:
        return text.rstrip("\n")
    if path is None:
        path = await _kept(text, context)
    return cut.text(_where(path)).rstrip("\n")


async def _kept(text: str, context: ToolContext) -> str:
    """Write output to a new file in the scratch directory and name it; a resumed session finds older ones there."""
    while True:
        path = posixpath.join(context.sandbox.scratch, "outputs", f"{context.state.next_output()}.log")
        try:
            await context.sandbox.write_file(path, text.encode("utf-8", "replace"), expect="")
        except PathChanged:
            continue
        return path


def _where(path: str) -> str:
    return f"; the whole output is in {path}, page it with str_replace_editor view and view_range"


async def _start(command: str, context: ToolContext, notes: list[str]) -> ToolResult:
    status = await context.sandbox.start_job(command)
    job_id = status.job_id
    note = f'[started as background job {job_id}; poll it with job="{job_id}", stop it with action="kill" added]'
    output = await _clipped(status.new_output, status.output_path, context)
    return ToolResult(_joined(output, [note, *notes]), f"{_one_line(command)} (job {job_id})")


async def _job(job_id: str, kill: bool, context: ToolContext) -> ToolResult:
    try:
        status = await (context.sandbox.kill_job(job_id) if kill else context.sandbox.poll_job(job_id))
    except KeyError:
        raise ToolFailure(
            f'There is no background job "{job_id}"; the id is the one that bash returned when it started the job.'
        ) from None
    output = await _clipped(status.new_output, status.output_path, context)
    if not output:
        output = "[no new output]"
    note = _job_note(status)
    return ToolResult(
        _joined(output, [f"[{note}]"]), note, ok=status.state == "running" or kill or not status.exit_code
    )


def _job_note(status: JobStatus) -> str:
    seconds = f"{status.duration_s:.0f} s"
    match status.state:
        case "running":
            return f"job {status.job_id} is running, {seconds} so far"
        case "killed":
            return f"job {status.job_id} was killed after {seconds}"
        case "exited":
            return f"job {status.job_id} ended with exit code {status.exit_code} after {seconds}"


def _joined(output: str, notes: list[str]) -> str:
    """Output and status lines. Chat templates trim a message, so output that begins with blanks gets a line first."""
    if output[:1].isspace():
        output = f"[output]\n{output}"
    return "\n".join(part for part in (output, *notes) if part)


def _one_line(command: str) -> str:
    first = command.strip().split("\n", 1)[0]
    more = f" (+{line_count(command.strip()) - 1} lines)" if "\n" in command.strip() else ""
    return (first if len(first) <= _SUMMARY else first[: _SUMMARY - 1] + "…") + more
