"""The command line's grammar. Options left out stay None, so that configuration and environment can speak first."""

import argparse

from cli.parsers.batch import add_batch
from cli.parsers.batch_views import add_batch_views
from cli.parsers.config import add_config
from cli.parsers.demo import add_demo
from cli.parsers.doctor import add_doctor
from cli.parsers.evaluate import add_evaluate
from cli.parsers.fit import add_fit
from cli.parsers.pair import add_pair
from cli.parsers.replay import add_replay
from cli.parsers.resume import add_resume
from cli.parsers.run import add_run
from cli.parsers.sandbox import add_sandbox
from cli.parsers.serve import add_serve
from cli.parsers.sessions import add_sessions
from cli.parsers.triage import add_triage
from cli.version import VERSION

_EXAMPLES = """\
examples:
  qwright                                       open the terminal app in this repository
  qwright "why does test_dates fail?"           and ask this first
  qwright demo                                  see a real bug fixed, no server needed
  qwright run "make the failing test pass"      work on a copy of this repository, show the patch
  qwright run --apply --task-file issue.md      and apply it here
  qwright resume 20261121-101500-a1b2c3         go on with an interrupted session

exit codes: 0 done, 1 failed, 2 usage, 3 endpoint, 4 sandbox, 5 limit reached, 75 try again later, 130 interrupted
"""


def build_parser() -> argparse.ArgumentParser:
    """All commands. `options.module` names the module whose `execute` runs the command."""
    parser = argparse.ArgumentParser(
        prog="qwright",
        description="A coding agent for people who serve their own Qwen on vLLM.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"qwright {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    adders = (
        add_pair,
        add_run,
        add_resume,
        add_replay,
        add_sessions,
        add_config,
        add_sandbox,
        add_doctor,
        add_fit,
        add_serve,
        add_triage,
        add_batch,
        add_batch_views,
        add_evaluate,
        add_demo,
    )
    for add in adders:
        add(commands)
    parser.set_defaults(commands=tuple(commands.choices))
    return parser
