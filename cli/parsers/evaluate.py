"""The grammar of `qwright evaluate`."""

from pathlib import Path

from cli.parsers.batch import stock_options
from cli.parsers.common import Commands
from cli.parsers.quantities import memory


def add_evaluate(commands: Commands) -> None:
    """Add `qwright evaluate`."""
    evaluate = commands.add_parser(
        "evaluate",
        help="grade predictions by the tests of their rows",
        description="Run each row's eval_script on its prediction in a fresh container and grade by SWE-bench's rules.",
    )
    evaluate.set_defaults(module="cli.batch.evaluate")
    evaluate.add_argument("predictions", nargs="?", type=Path, metavar="PREDS", help="preds.json or .jsonl")
    evaluate.add_argument(
        "--rows", required=True, metavar="ROWS", help="rows of SWE-bench 5 in any form that batch takes"
    )
    evaluate.add_argument("--gold", action="store_true", help="grade the rows' own repairs: all must be resolved")
    evaluate.add_argument("--empty", action="store_true", help="grade no change at all: none may be resolved")
    evaluate.add_argument("--ids", metavar="ID,ID", help="only these")
    evaluate.add_argument("--out", type=Path, metavar="DIR", help="folder of the results (default: beside PREDS)")
    evaluate.add_argument("--workers", type=int, default=2, metavar="N", help="containers at once (2)")
    evaluate.add_argument(
        "--timeout", type=float, default=1800.0, metavar="S", help="seconds for one eval_script (1800)"
    )
    evaluate.add_argument(
        "--memory", dest="memory_gb", type=memory, default=8.0, metavar="SIZE", help="of one container"
    )
    stock_options(evaluate.add_argument_group("images"))
