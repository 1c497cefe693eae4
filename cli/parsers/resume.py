"""The grammar of `qwright resume`."""

from pathlib import Path

from cli.parsers.common import Commands, engine_options, sandbox_options


def add_resume(commands: Commands) -> None:
    """Add `qwright resume`."""
    resume = commands.add_parser("resume", help="go on with a session", description="Go on with a session.")
    resume.set_defaults(module="cli.resume")
    resume.add_argument("session", metavar="ID", help="id of the session, or 'last'")
    resume.add_argument("task", nargs="?", metavar="TASK", help="a new request; left out, the interrupted one goes on")
    resume.add_argument("--patch-out", type=Path, metavar="FILE", help="write the patch to a file")
    resume.add_argument("--apply", action="store_true", help="apply the patch to the repository when the task is done")
    sandbox_options(resume)
    engine_options(resume)
