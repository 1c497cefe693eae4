"""The grammar of `qwright run`."""

from pathlib import Path

from cli.parsers.common import Commands, engine_options, sandbox_options
from cli.parsers.quantities import memory


def add_run(commands: Commands) -> None:
    """Add `qwright run`."""
    run = commands.add_parser("run", help="do one task and end", description="Do one task in a repository and end.")
    run.set_defaults(module="cli.run")
    run.add_argument("task", nargs="?", metavar="TASK", help="what to do; '-' reads it from standard input")
    run.add_argument("--task-file", type=Path, metavar="FILE", help="read the task from a file")
    run.add_argument(
        "--attach",
        action="append",
        metavar="PICTURE",
        help="show the model a PNG, JPEG, GIF or WebP file, where its server takes pictures. Repeatable",
    )
    run.add_argument(
        "--repo",
        default=".",
        metavar="PATH",
        help="repository or directory to work on (default: here); image:/path for one inside the image",
    )
    place = run.add_argument_group("where the work is done")
    place.add_argument("--workspace", choices=["copy", "bind"], help="work on a copy (default) or on the tree itself")
    place.add_argument("--sandbox", choices=["docker", "local"], help="local isolates nothing: commands run as you")
    place.add_argument("--image", help="container image")
    place.add_argument("--network", choices=["none", "full"], help="network of the sandbox (default: none)")
    place.add_argument("--memory", dest="memory_gb", type=memory, metavar="SIZE", help="as 8g, 512m (default: 8g)")
    place.add_argument("--cpus", type=float, metavar="N", help="CPUs of the sandbox (default: all)")
    sandbox_options(place)
    result = run.add_argument_group("the result")
    result.add_argument("--patch-out", type=Path, metavar="FILE", help="write the patch to a file")
    result.add_argument("--apply", action="store_true", help="apply the patch to the repository when the task is done")
    engine_options(run)
