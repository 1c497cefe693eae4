"""The grammar of `qwright triage`."""

import argparse

from cli.parsers.common import Commands

_EXAMPLES = """\
examples:
  qwright triage --no-model ci.log                             a verdict for people
  gh run view --log-failed | qwright triage --no-model         a log from standard input
  qwright triage --no-model junit.xml ci.log --repo . --format json
  qwright triage --no-model ci.log --previous last-green.log   a regression, or known before
  qwright triage --check verdict.json --repo .                 validate; print the comment to post

exit codes: 0 no failure found, 1 failed or refused, 2 usage, 10 bug, 11 regression, 12 flaky, 13 test bug,
14 infrastructure, 15 dependency, 16 configuration (docs/triage.md)
"""


def add_triage(commands: Commands) -> None:
    """Add `qwright triage`."""
    triage = commands.add_parser(
        "triage",
        help="a verdict from CI logs and JUnit XML",
        description="Reads CI logs, JUnit XML and issue texts and says what failed, where and whose it is.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    triage.set_defaults(module="cli.triage_command")
    triage.add_argument("inputs", nargs="*", metavar="FILE", help="logs and JUnit XML; - or none is standard input")
    triage.add_argument("--no-model", action="store_true", help="parsers and rules only; the one way there is so far")
    triage.add_argument("--issue", metavar="FILE", help="an issue text; it counts where no log has a failure")
    triage.add_argument("--repo", metavar="PATH", help="the repository: paths are resolved in it, CODEOWNERS is read")
    triage.add_argument("--previous", metavar="LOG", help="log or JUnit XML of an earlier run to compare with")
    triage.add_argument(
        "--format", choices=["markdown", "json", "sarif", "github", "junit"], default="markdown", help="(markdown)"
    )
    triage.add_argument("--check", metavar="VERDICT.json", help="validate a verdict; print the comment it would post")
    triage.add_argument(
        "--allow-label", action="append", metavar="LABEL", help="with --check: only these labels. Repeatable"
    )
