"""The grammar of `qwright demo`."""

from cli.parsers.common import Commands


def add_demo(commands: Commands) -> None:
    """Add `qwright demo`."""
    demo = commands.add_parser("demo", help="fix a real bug in a small repository with a recorded model")
    demo.set_defaults(module="cli.demo")
    demo.add_argument("--sandbox", choices=["docker", "local"], help="default: docker where an engine answers")
    demo.add_argument("--image", help="container image with Python (default: the one of `qwright sandbox build`)")
    demo.add_argument("--fast", action="store_true", help="do not pace the recorded words")
    demo.add_argument("--base-url", metavar="URL", help="ask your own vLLM at this address instead of the recording")
    demo.add_argument("--model", help="model name for --base-url; left out, the only one served")
