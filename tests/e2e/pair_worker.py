"""A process that opens a session as the terminal app does and asks one thing; the test kills it."""

import asyncio
import sys

from agent.events import Event
from cli.pair.opening import host_for
from cli.parser import build_parser


async def main(task: str, arguments: list[str]) -> None:
    host = host_for(build_parser().parse_args(["pair", *arguments]))

    def tell(event: Event) -> None:
        print(type(event).__name__, flush=True)

    await host.open(tell)
    await host.run(task)
    await host.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
