"""The entry point: parse, then load only what the command needs."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, the process's own when none is given; returns the exit code (`cli.exit_codes`)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from cli.version import VERSION

        print(f"qwright {VERSION}")
        return 0
    try:
        if argv is None:
            from cli.interrupt import as_process

            return as_process(arguments)
        from cli.dispatch import dispatch

        return dispatch(arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
