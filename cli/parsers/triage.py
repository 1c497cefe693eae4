"""The grammar of `qwright triage`."""

import argparse
from pathlib import Path

from cli.exit_codes import OF_VERDICT
from cli.parsers.batch import workers
from cli.parsers.common import Commands, server_options
from cli.parsers.quantities import memory

_EXAMPLES = """\
examples:
  qwright triage ci.log --repo .                               rules, then runs in a sandbox, then the model
  qwright triage ci.log --repo . --good v1.4 --fix             with bisection, and a patch that is proved
  qwright triage --no-model ci.log                             rules alone: nothing runs, nobody is asked
  qwright triage --no-model ci.log --repo . --runs 10          flaky or broken, by counting
  gh run view --log-failed | qwright triage --no-model         a log from standard input
  qwright triage --no-model junit.xml ci.log --repo . --format json
  qwright triage --no-model ci.log --previous last-green.log   a regression, or known before
  qwright triage --check verdict.json --repo .                 validate; print the comment to post

exit codes: 1 failed or refused, 2 usage, else by the category (docs/triage.md):
{codes}
"""
_CODES = ", ".join(f"{code} {category}" for category, code in OF_VERDICT.items())


def add_triage(commands: Commands) -> None:
    """Add `qwright triage`."""
    triage = commands.add_parser(
        "triage",
        help="a verdict from CI logs and JUnit XML",
        description="Reads CI logs, JUnit XML and issue texts and says what failed, where and whose it is.",
        epilog=_EXAMPLES.format(codes=_CODES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    triage.set_defaults(module="cli.triage.command")
    triage.add_argument("inputs", nargs="*", metavar="FILE", help="logs and JUnit XML; - or none is standard input")
    triage.add_argument("--no-model", action="store_true", help="parsers and rules only; nothing runs unless asked for")
    triage.add_argument("--issue", metavar="FILE", help="an issue text; it counts where no log has a failure")
    triage.add_argument(
        "--attach",
        action="append",
        metavar="FILE",
        help="a screenshot for the model, where its server takes pictures. Repeatable",
    )
    triage.add_argument("--repo", metavar="PATH", help="the repository, or image:/path for one in --image")
    triage.add_argument(
        "--owners",
        type=Path,
        metavar="PATH",
        help="CODEOWNERS of a revision you trust, or a folder with it (default: that of --repo, as its author has it)",
    )
    triage.add_argument("--previous", metavar="LOG", help="log or JUnit XML of an earlier run to compare with")
    triage.add_argument(
        "--format",
        choices=["markdown", "json", "sarif", "github", "junit", "labels"],
        default="markdown",
        help="(markdown)",
    )
    triage.add_argument("--check", metavar="VERDICT.json", help="validate a verdict; print it in --format")
    triage.add_argument(
        "--allow-label", action="append", metavar="LABEL", help="with --check: only these labels. Repeatable"
    )
    many = triage.add_argument_group("many at once")
    many.add_argument("--each", metavar="CASES", help="a folder of logs or of folders, or JSON of issues")
    many.add_argument("--out", type=Path, metavar="DIR", help="with --each: the verdicts; the same call goes on there")
    many.add_argument("--workers", type=workers, default="auto", metavar="N|auto", help="cases at once (auto)")
    _inquiry_options(triage)
    server_options(triage)


def _inquiry_options(triage: argparse.ArgumentParser) -> None:
    runs = triage.add_argument_group("what is run, in a sandbox with a copy of the repository")
    runs.add_argument(
        "--command", dest="shown_by", metavar="CMD", help="shows the failure (default: what the log says)"
    )
    runs.add_argument("--runs", type=count, metavar="N", help="how often, to tell flaky from broken (default: 5)")
    runs.add_argument("--good", metavar="REV", help="a revision without the failure, to bisect from; auto searches one")
    runs.add_argument("--fix", action="store_true", help="have the model repair it; kept only if it is proved")
    runs.add_argument("--max-seconds", type=float, metavar="S", help="for all of it (default: 900)")
    runs.add_argument("--max-tokens", type=int, metavar="N", help="computed tokens of the model (default: no limit)")
    runs.add_argument("--max-steps", type=int, metavar="N", help="model requests (default: 60)")
    runs.add_argument("--command-timeout", type=int, metavar="S", help="end any command after S seconds (default: 300)")
    runs.add_argument("--thinking", choices=["auto", "always", "never", "first"], help="when the model thinks")
    place = triage.add_argument_group("the sandbox")
    place.add_argument("--image", help="container image with what the tests need")
    place.add_argument("--sandbox", choices=["docker", "local"], help="local isolates nothing: for throw-away machines")
    place.add_argument("--network", choices=["none", "full"], help="network of the sandbox (default: none)")
    place.add_argument("--memory", dest="memory_gb", type=memory, metavar="SIZE", help="as 8g, 512m (default: 8g)")
    place.add_argument("--cpus", type=float, metavar="N", help="CPUs of the sandbox (default: all)")


def count(text: str) -> int:
    """A number from 1 to 1000."""
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("must be a number from 1 to 1000")
    return int(text)
