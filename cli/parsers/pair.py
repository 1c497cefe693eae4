"""The grammar of `qwright pair`, which is also what `qwright` without a command means."""

from cli.parsers.common import Commands


def add_pair(commands: Commands) -> None:
    """Add `qwright pair`."""
    pair = commands.add_parser("pair", help="open the terminal app; `qwright` alone does the same")
    pair.set_defaults(module="cli.pair.command")
    pair.add_argument("task", nargs="?", metavar="REQUEST", help="the first request; it is sent as soon as all is open")
    pair.add_argument("--repo", default=".", metavar="PATH", help="repository or directory to work on (default: here)")
    earlier = pair.add_mutually_exclusive_group()
    earlier.add_argument(
        "-c", "--continue", dest="go_on", action="store_true", help="take up the last session of this directory"
    )
    earlier.add_argument(
        "-r", "--resume", nargs="?", const="", metavar="ID", help="take up a session; without an id, choose from a list"
    )
    server = pair.add_argument_group("the model server")
    server.add_argument("--base-url", metavar="URL", help="vLLM's address, ending in /v1 (QWRIGHT_BASE_URL)")
    server.add_argument("--model", help="model name; left out, the only one served (QWRIGHT_MODEL)")
    place = pair.add_argument_group("where the work is done")
    place.add_argument("--workspace", choices=["bind", "copy"], help="the tree itself (default here), or a copy of it")
    place.add_argument("--sandbox", choices=["docker", "local"], help="local isolates nothing: commands run as you")
    place.add_argument("--image", help="container image")
    place.add_argument("--network", choices=["none", "full"], help="network of the sandbox (default: none)")
    pair.add_argument("--thinking", choices=["auto", "always", "never", "first"], help="when the model thinks")
