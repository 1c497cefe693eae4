"""Writes entries to a log, prints each id once it is written: `python -m tests.agent.log_writer LOG COUNT`."""

import sys
from pathlib import Path

from agent.log import SessionLog


def main(path: Path, count: int) -> None:
    log = SessionLog.open(path, create=True)
    for number in range(count):
        print(log.append("result", number, {"text": f"line {number}\n" * 30, "number": number}), flush=True)
    log.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
