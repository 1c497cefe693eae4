"""What CI systems put around a log, and into each of its lines."""

from collections.abc import Callable

CLOCK = "2026-01-05T10:{minute:02d}:{second:02d}"


def _clock(number: int) -> str:
    return CLOCK.format(minute=number // 60 % 60, second=number % 60)


def github(text: str) -> str:
    """A step of GitHub Actions, as the log of the run has it."""
    rows = ["##[group]Run make test", "\x1b[36;1mmake test\x1b[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]"]
    rows += [*text.splitlines(), "##[error]Process completed with exit code 1."]
    return "".join(f"{_clock(n)}.{n:07d}Z {row}\n" for n, row in enumerate(rows))


def gh_view(text: str) -> str:
    """The same as `gh run view --log` prints it: job and step before each line, a mark before the first time."""
    rows = github(text).splitlines()
    rows[0] = f"\ufeff{rows[0]}"
    return "".join(f"test (3.11)\tRun make test\t{row}\n" for row in rows)


def gitlab(text: str) -> str:
    """A job of GitLab: sections that a terminal would not show, carriage returns, green for the commands."""
    begin = "\x1b[0Ksection_start:1767607200:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting script\x1b[0;m\x1b[0;m\n"
    end = "\x1b[0Ksection_end:1767607260:step_script\r\x1b[0K\x1b[31;1mERROR: Job failed: exit code 1\n\x1b[0;m"
    rows = "".join(f"{row}\r\n" for row in text.splitlines())
    return f"\x1b[0KRunning with gitlab-runner 17.0.0 (abc)\x1b[0;m\n{begin}\x1b[32;1m$ make test\x1b[0;m\n{rows}{end}"


def gitlab_times(text: str) -> str:
    """GitLab's log with timestamps (`FF_TIMESTAMPS`), each with its stream."""
    return "".join(f"{_clock(n)}.{n:06d}Z 01O {row}\n" for n, row in enumerate(gitlab(text).splitlines()))


def jenkins(text: str) -> str:
    """A pipeline of Jenkins with the timestamper."""
    rows = ["[Pipeline] sh", "+ make test", *text.splitlines(), "[Pipeline] }", "ERROR: script returned exit code 1"]
    return "".join(f"[{_clock(n)}.{n % 1000:03d}Z] {row}\n" for n, row in enumerate(rows))


def jenkins_clock(text: str) -> str:
    """The timestamper's short form, in the branch of a parallel step."""
    rows = ["[Pipeline] sh", *text.splitlines(), "Finished: FAILURE"]
    return "".join(f"{_clock(n)[11:]}  {row}\n" for n, row in enumerate(rows))


def progress(text: str) -> str:
    """A bar that drew over itself before each tenth line."""
    rows = text.splitlines()
    return "".join(("  0%\r 50%\r100%\r" if n % 10 == 9 and row else "") + f"{row}\r\n" for n, row in enumerate(rows))


def buildkit(text: str) -> str:
    """A `RUN` of a Dockerfile under BuildKit's plain progress."""
    rows = [f"#8 {n // 100}.{n % 100:03d} {row}" for n, row in enumerate(text.splitlines())]
    return "#8 [4/5] RUN make test\n" + "".join(f"{row}\n" for row in rows)


def compose(text: str) -> str:
    """A container of a compose project."""
    return "".join(f"shop-test-1   | {row}\n" for row in text.splitlines()) + "shop-test-1 exited with code 1\n"


WRAPPINGS: tuple[Callable[[str], str], ...] = (
    buildkit,
    compose,
    github,
    gh_view,
    gitlab,
    gitlab_times,
    jenkins,
    jenkins_clock,
    progress,
)
