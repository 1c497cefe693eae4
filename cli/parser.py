"""The command line's grammar. Options left out stay None, so that configuration and environment can speak first."""

import argparse
from pathlib import Path

from cli.version import VERSION

_EXAMPLES = """\
examples:
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
    _run(commands)
    _resume(commands)
    _replay(commands)
    _sessions(commands)
    _config(commands)
    _sandbox(commands)
    _demo(commands)
    return parser


_Commands = argparse._SubParsersAction  # pyright: ignore[reportPrivateUsage]  # the type has no public name


def _run(commands: "_Commands[argparse.ArgumentParser]") -> None:
    run = commands.add_parser("run", help="do one task and end", description="Do one task in a repository and end.")
    run.set_defaults(module="cli.run")
    run.add_argument("task", nargs="?", metavar="TASK", help="what to do; '-' reads it from standard input")
    run.add_argument("--task-file", type=Path, metavar="FILE", help="read the task from a file")
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
    result = run.add_argument_group("the result")
    result.add_argument("--patch-out", type=Path, metavar="FILE", help="write the patch to a file")
    result.add_argument("--apply", action="store_true", help="apply the patch to the repository when the task is done")
    _engine_options(run)


def _resume(commands: "_Commands[argparse.ArgumentParser]") -> None:
    resume = commands.add_parser("resume", help="go on with a session", description="Go on with a session.")
    resume.set_defaults(module="cli.resume")
    resume.add_argument("session", metavar="ID", help="id of the session, or 'last'")
    resume.add_argument("task", nargs="?", metavar="TASK", help="a new request; left out, the interrupted one goes on")
    resume.add_argument("--patch-out", type=Path, metavar="FILE", help="write the patch to a file")
    resume.add_argument("--apply", action="store_true", help="apply the patch to the repository when the task is done")
    _engine_options(resume)


def _engine_options(parser: argparse.ArgumentParser) -> None:
    server = parser.add_argument_group("the model server")
    server.add_argument("--base-url", metavar="URL", help="vLLM's address, ending in /v1 (QWRIGHT_BASE_URL)")
    server.add_argument("--model", help="model name; left out, the only one served (QWRIGHT_MODEL)")
    server.add_argument("--api-key", metavar="KEY", help="better set as QWRIGHT_API_KEY")
    engine = parser.add_argument_group("the engine")
    engine.add_argument("--thinking", choices=["auto", "always", "never", "first"], help="when the model thinks")
    engine.add_argument("--max-steps", type=int, metavar="N", help="end after N model requests (default: 250)")
    engine.add_argument("--max-seconds", type=float, metavar="S", help="end after S seconds")
    engine.add_argument("--max-tokens", type=int, metavar="N", help="end after N computed tokens")
    engine.add_argument("--output", choices=["text", "json", "stream-json"], default="text", help="form of the output")


def _replay(commands: "_Commands[argparse.ArgumentParser]") -> None:
    replay = commands.add_parser("replay", help="show a session again from its log, without model or sandbox")
    replay.set_defaults(module="cli.replay")
    replay.add_argument("session", metavar="ID", help="id of the session, or 'last'")
    replay.add_argument("--output", choices=["text", "stream-json"], default="text", help="form of the output")


def _sessions(commands: "_Commands[argparse.ArgumentParser]") -> None:
    sessions = commands.add_parser("sessions", help="list, show or export sessions")
    sessions.set_defaults(module="cli.sessions", action="list")
    actions = sessions.add_subparsers(metavar="ACTION", dest="action")
    listing = actions.add_parser("list", help="all sessions, newest first")
    listing.add_argument("--output", choices=["text", "json"], default="text")
    show = actions.add_parser("show", help="figures of one session")
    show.add_argument("session", metavar="ID")
    show.add_argument("--output", choices=["text", "json"], default="text")
    export = actions.add_parser("export", help="the log as JSON or Markdown, or the patch")
    export.add_argument("session", metavar="ID")
    export.add_argument("--format", choices=["json", "markdown", "patch"], default="json")


def _config(commands: "_Commands[argparse.ArgumentParser]") -> None:
    config = commands.add_parser("config", help="show the configuration and where each value came from")
    config.set_defaults(module="cli.config_command", action="show")
    actions = config.add_subparsers(metavar="ACTION", dest="action")
    actions.add_parser("show", help="every value and its source")
    actions.add_parser("path", help="the files that are read")
    actions.add_parser("init", help="write a commented user configuration")


def _sandbox(commands: "_Commands[argparse.ArgumentParser]") -> None:
    sandbox = commands.add_parser("sandbox", help="build the default image; list or remove containers")
    sandbox.set_defaults(module="cli.sandbox_command", action="ls")
    actions = sandbox.add_subparsers(metavar="ACTION", dest="action")
    actions.add_parser("build", help="build the default image, without a registry if need be")
    actions.add_parser("ls", help="containers of qwright on this engine")
    prune = actions.add_parser("prune", help="remove containers whose owner is gone")
    prune.add_argument("--all", action="store_true", help="also those of other machines, whose owners cannot be asked")


def _demo(commands: "_Commands[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="fix a real bug in a small repository with a recorded model")
    demo.set_defaults(module="cli.demo")
    demo.add_argument("--sandbox", choices=["docker", "local"], help="default: docker where an engine answers")
    demo.add_argument("--image", help="container image with Python (default: the one of `qwright sandbox build`)")
    demo.add_argument("--fast", action="store_true", help="do not pace the recorded words")
    demo.add_argument("--base-url", metavar="URL", help="ask your own vLLM at this address instead of the recording")
    demo.add_argument("--model", help="model name for --base-url; left out, the only one served")
