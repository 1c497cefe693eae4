"""The grammar of what looks at finished batches: `qwright batch diff`, `inspect`, `report`.

They are commands of their own to argparse (`batch-diff`), because `qwright batch ROWS` takes any name of a file;
`cli.dispatch` puts the two words together. A file of such a name is written as ./diff.
"""

from pathlib import Path

from cli.parsers.common import Commands

VIEWS = ("diff", "inspect", "report")


def add_batch_views(commands: Commands) -> None:
    """Add them; without a help text they are left out of the list of commands, and told of by `batch --help`."""
    diff = commands.add_parser(
        "batch-diff",
        prog="qwright batch diff",
        description="Compare two runs: which instances flipped and why, and whether the difference can be chance.",
    )
    diff.set_defaults(module="cli.batch.diff")
    diff.add_argument("a", type=Path, metavar="RUN_A", help="folder of a run")
    diff.add_argument("b", type=Path, metavar="RUN_B", help="folder of another")
    diff.add_argument("--output", choices=["text", "json"], default="text", help="form of the answer (text)")
    report = commands.add_parser(
        "batch-report",
        prog="qwright batch report",
        description="Write the reports of a folder anew, with the grades that are there: of a run, or of each of "
        "several (--compare, --attempts) and of all together.",
    )
    report.set_defaults(module="cli.batch.report")
    report.add_argument("out", type=Path, metavar="DIR", help="folder of a run, or of several")
    inspect = commands.add_parser(
        "batch-inspect",
        prog="qwright batch inspect",
        description="Look through a batch on the terminal: its instances, and each of them step by step.",
    )
    inspect.set_defaults(module="cli.batch.inspect")
    inspect.add_argument("out", type=Path, metavar="DIR", help="folder of the run, also while it runs")
