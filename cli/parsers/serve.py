"""The grammar of `qwright serve`."""

import argparse

from cli.parsers.common import Commands
from cli.parsers.fit import add_plan_options

_EXAMPLES = """\
examples:
  qwright serve --model 122B                    on the GPUs of this machine, in the precision that fits
  qwright serve --model ./weights --port 8001   a folder of weights
  qwright serve --model 27B --print             only show the command
  qwright serve --model 27B -- --seed 7         further arguments of `vllm serve`
  qwright serve status
  qwright serve stop

exit codes: 0 ready (or stopped), 1 does not fit, 2 usage, 3 the server did not become ready, 130 interrupted
"""


def add_serve(commands: Commands) -> None:
    """Add `qwright serve`."""
    serve = commands.add_parser(
        "serve",
        help="start vLLM with what qwright needs, wait until it answers, stop it again",
        description="Start vLLM as qwright needs it, wait until it answers, and make it the configured endpoint.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.set_defaults(module="cli.serve.command", action="start")
    add_plan_options(serve)
    serve.add_argument("--gpu", metavar="NxGPU", help="plan for these GPUs instead of those that are found; cpu-32GB")
    running = serve.add_argument_group("running it")
    running.add_argument("--vllm", metavar="PATH", help="vLLM's executable (QWRIGHT_VLLM; default: `vllm` in the path)")
    running.add_argument("--print", action="store_true", dest="only_print", help="only print the command")
    running.add_argument("--foreground", action="store_true", help="show vLLM's output and stop it with Ctrl-C")
    running.add_argument(
        "--time-limit", type=float, default=0.0, metavar="S", help="give up after S seconds (default: never)"
    )
    running.add_argument("--keep-config", action="store_true", help="leave the user's configuration as it is")
    running.add_argument("--force", action="store_true", help="start it although it does not seem to fit")
    actions = serve.add_subparsers(metavar="ACTION", dest="action")
    for name, meaning in (("stop", "stop a server that was started here"), ("status", "what runs, and how it is")):
        action = actions.add_parser(name, help=meaning, description=meaning.capitalize() + ".")
        action.add_argument("--port", type=int, default=argparse.SUPPRESS, metavar="N", help="of several, this one")
        if name == "status":
            action.add_argument("--json", action="store_true", help="print it as JSON")
