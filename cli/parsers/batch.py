"""The grammar of `qwright batch`."""

import argparse
from pathlib import Path

from cli.parsers.common import Commands
from cli.parsers.quantities import memory

POLICIES = ("auto", "always", "never", "first")
_EXAMPLES = """\
examples:
  qwright batch rows.jsonl --out run1                    all rows, as many at once as the server has room for
  qwright batch rows.jsonl --out run1                    again: finished stays finished, the rest goes on
  qwright batch rows.jsonl --out run2 --slice :20 --shuffle 7 --workers 4
  qwright batch rows.jsonl --out run3 --engine ray --ray-address head:6379    spread over a cluster
  qwright evaluate run1/preds.json --rows rows.jsonl     grade it
  qwright batch rows.jsonl --out ab --compare auto,always,never    which thinking policy is worth its cost here
  qwright batch rows.jsonl --out many --attempts 4 --grade         choose among four patches; pass@1 to pass@4
  qwright batch inspect run1                             look through it on the terminal
  qwright batch report run1                              write its report anew
  qwright batch diff run1 run2                           which instances flipped, why, and whether by chance
"""


def add_batch(commands: Commands) -> None:
    """Add `qwright batch`."""
    batch = commands.add_parser(
        "batch",
        help="fix the issues of SWE-bench rows, one container each",
        description="Run the agent on rows of SWE-bench's format and write predictions that its graders accept.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    batch.set_defaults(module="cli.batch.command")
    batch.add_argument(
        "rows",
        metavar="ROWS",
        help="rows of SWE-bench 5 or SWE-agent (.jsonl, .json, .yaml, .parquet), a task repository's folder, "
        "hf:NAME[:SPLIT], an issue's text (.md, .txt), or a GitHub issue's URL",
    )
    batch.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder of the results; resumes what it has"
    )
    batch.add_argument("--repo", default="", metavar="PATH|URL", help="of plain issues: their repository")
    select_options(batch)
    run_options(batch)
    many = batch.add_argument_group("more than one run of each instance")
    many.add_argument(
        "--compare",
        type=policies,
        metavar="POLICY,POLICY",
        help="run every instance under each thinking policy (auto, always, never, first), grade, and compare",
    )
    many.add_argument(
        "--attempts", type=attempts, default=1, metavar="K", help="run every instance K times and choose one patch"
    )
    many.add_argument("--grade", action="store_true", help="grade by the tests of the rows when the runs are over")
    image_options(batch)
    batch.add_argument(
        "--progress",
        choices=["auto", "live", "plain", "json"],
        default="auto",
        help="live view on a terminal, plain lines elsewhere (auto), or events on standard output as JSON lines",
    )
    batch.add_argument(
        "--events", type=Path, metavar="FILE", help="add the events to a file, one JSON object a line, beside the view"
    )
    engine_options(batch)
    server_options(batch)


def run_options(parser: argparse.ArgumentParser) -> None:
    """How each instance is run."""
    run = parser.add_argument_group("the run")
    run.add_argument(
        "--workers", type=workers, default="auto", metavar="N|auto", help="instances at once (default: auto)"
    )
    run.add_argument("--retries", type=int, default=2, metavar="N", help="tries more after infrastructure fails (2)")
    run.add_argument("--max-steps", type=int, metavar="N", help="end an instance after N model requests (250)")
    run.add_argument("--max-seconds", type=float, metavar="S", help="end an instance after S seconds")
    run.add_argument("--max-tokens", type=int, metavar="N", help="end an instance after N computed tokens")
    run.add_argument("--command-timeout", type=int, metavar="S", help="end any command after S seconds")
    run.add_argument("--memory", dest="memory_gb", type=memory, metavar="SIZE", help="of one container (default: 8g)")
    run.add_argument("--cpus", type=float, metavar="N", help="CPUs of one container (default: all)")
    run.add_argument("--no-agents-md", action="store_true", help="do not give the model the repository's AGENTS.md")
    run.add_argument("--thinking", choices=POLICIES, help="when the model thinks")


def server_options(parser: argparse.ArgumentParser) -> None:
    """Which server, and how it is asked."""
    server = parser.add_argument_group("the model server")
    server.add_argument(
        "--priority",
        type=int,
        default=10,
        metavar="N",
        help="of every request, where vLLM schedules by priority: others have 0 and are served first (10; 0: none)",
    )
    server.add_argument("--seed", type=int, metavar="N", help="sampling seed of every request (default: none is sent)")
    server.add_argument("--base-url", metavar="URL", help="vLLM's address, ending in /v1 (QWRIGHT_BASE_URL)")
    server.add_argument("--model", help="model name; left out, the only one served (QWRIGHT_MODEL)")
    server.add_argument("--api-key", metavar="KEY", help="better set as QWRIGHT_API_KEY")


def select_options(parser: argparse.ArgumentParser) -> None:
    """Which rows."""
    chosen = parser.add_argument_group("which rows")
    chosen.add_argument("--ids", metavar="ID,ID", help="only these, in this order")
    chosen.add_argument("--difficulty", metavar="NAME,NAME", help="only of these, as in '<15 min fix'")
    chosen.add_argument("--shuffle", type=int, metavar="SEED", help="in an order that the seed decides")
    chosen.add_argument("--slice", metavar="A:B", help="of what is left then, this part")


def image_options(parser: argparse.ArgumentParser) -> None:
    """What becomes of the images."""
    images = parser.add_argument_group("images")
    images.add_argument("--image", help="of plain issues: the container's image (default: the one of `qwright run`)")
    stock_options(images)


def stock_options(images: "argparse._ArgumentGroup") -> None:  # pyright: ignore[reportPrivateUsage] -- argparse names groups so
    """What may be pulled, and what becomes of it."""
    images.add_argument(
        "--disk-budget", type=memory, metavar="SIZE", help="what images pulled by this run may take at once, as in 50GB"
    )
    images.add_argument(
        "--keep-images", action="store_true", help="do not remove the images that this run pulled after their use"
    )
    images.add_argument(
        "--pull", choices=["missing", "never"], default="missing", help="fetch images that are not here (default)"
    )


def policies(text: str) -> list[str]:
    """At least two thinking policies, each once."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in POLICIES]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: no thinking policy; there are {', '.join(POLICIES)}")
    if len(names) < 2 or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError("name two policies or more, each once")
    return names


def attempts(text: str) -> int:
    """A number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1")
    return int(text)


def engine_options(parser: argparse.ArgumentParser) -> None:
    """On which machines."""
    engine = parser.add_argument_group("machines")
    engine.add_argument(
        "--engine",
        choices=["local", "ray"],
        default="local",
        help="this machine (default), or the nodes of a Ray cluster",
    )
    engine.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="the cluster's head (RAY_ADDRESS; else one that runs on this machine)",
    )
    engine.add_argument(
        "--ray-cpus", type=ray_cpus, default=0.5, metavar="N", help="CPUs that Ray reserves for an instance (0.5)"
    )


def ray_cpus(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1024:
        raise argparse.ArgumentTypeError("must be a number above 0, as in 0.5")
    return number


def workers(text: str) -> int | str:
    """A number from 1, or "auto"."""
    if text == "auto":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1, or auto")
    return int(text)
