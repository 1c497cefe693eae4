"""The grammar of `qwright doctor`."""

import argparse

from cli.parsers.common import Commands

_EPILOG = "exit codes: 0 well or warnings only, 2 configuration, 3 the endpoint, 4 the sandbox or this machine"


def add_doctor(commands: Commands) -> None:
    """Add `qwright doctor`."""
    doctor = commands.add_parser(
        "doctor",
        help="check the model server, the sandbox and this machine, with a mend for each fault",
        description="Check the model server, the sandbox and this machine, with a mend for each fault.",
        epilog=_EPILOG,
    )
    doctor.set_defaults(module="cli.doctor.command")
    doctor.add_argument("--base-url", metavar="URL", help="vLLM's address, ending in /v1 (QWRIGHT_BASE_URL)")
    doctor.add_argument("--model", help="model name; left out, the only one served (QWRIGHT_MODEL)")
    doctor.add_argument("--api-key", metavar="KEY", help="better set as QWRIGHT_API_KEY")
    doctor.add_argument("--image", help="container image to check (default: the configured one)")
    groups = ["endpoint", "sandbox", "machine"]
    doctor.add_argument("--only", choices=groups, action="append", metavar="GROUP", help="endpoint, sandbox or machine")
    doctor.add_argument("--time-limit", type=_seconds, default=60.0, metavar="S", help="seconds for all (default: 60)")
    doctor.add_argument("--json", action="store_true", help="one JSON object instead of text")


def _seconds(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 3600:
        raise argparse.ArgumentTypeError("between 1 and 3600 seconds")
    return value
