"""What the grammars of several commands share."""

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]  # the type has no public name


def sandbox_options(place: "argparse._ActionsContainer") -> None:  # pyright: ignore[reportPrivateUsage]  # a parser or a group
    """Options of the sandbox that a session may be given anew whenever it goes on."""
    place.add_argument(
        "--env",
        action="append",
        metavar="NAME[=VALUE]",
        help="give the sandbox a variable, which the model's commands can read; without a value, yours. Repeatable",
    )
    place.add_argument("--command-timeout", type=int, metavar="S", help="end any command after S seconds")


def server_options(parser: argparse.ArgumentParser) -> None:
    """Where the model is."""
    server = parser.add_argument_group("the model server")
    server.add_argument("--base-url", metavar="URL", help="vLLM's address, ending in /v1 (QWRIGHT_BASE_URL)")
    server.add_argument("--model", help="model name; left out, the only one served (QWRIGHT_MODEL)")
    server.add_argument("--api-key", metavar="KEY", help="better set as QWRIGHT_API_KEY")


def engine_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that lets the model work: the server, the engine, the output."""
    server_options(parser)
    engine = parser.add_argument_group("the engine")
    engine.add_argument(
        "--thinking", choices=["auto", "always", "never", "first"], help="when the model thinks in this turn"
    )
    engine.add_argument("--max-steps", type=int, metavar="N", help="end after N model requests (default: 250)")
    engine.add_argument("--max-seconds", type=float, metavar="S", help="end after S seconds")
    engine.add_argument("--max-tokens", type=int, metavar="N", help="end after N computed tokens")
    engine.add_argument(
        "--answer-tokens", type=int, metavar="N", help="room for one answer (default: 32768; 81920 for hard problems)"
    )
    engine.add_argument("--no-input", action="store_true", help="never ask a question, even on a terminal")
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--output", choices=["text", "json", "stream-json"], default="text", help="form of the result")
    shown.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show what commands print as it comes (the first MiB, then its end)",
    )
    shown.add_argument("-q", "--quiet", action="store_true", help="show only the result")
    shown.add_argument("--show-thinking", action="store_true", help="show the model's thoughts")
