"""The search behind `@` over 50,000 paths: CPU time of a key press, and of the longest piece without a turn for others.

python -m benchmarks.mentions [number of paths]. The baseline is one pass of `query in path` over the same paths.
"""

import asyncio
import sys
import time
from collections.abc import Sequence

from tui.prompt.matching import FileIndex

# A letter, the beginning of a name, a part of a path, initials, scattered letters, nothing.
QUERIES = ("m", "module_0", "part_3/mod", "ppm", "pkgmod99", "zzz")


def paths(count: int) -> list[str]:
    return [
        f"package_{number // 1000:03}/part_{number // 100 % 10}/src/module_{number:05}.py" for number in range(count)
    ]


async def searched(index: FileIndex, query: str) -> tuple[float, float]:
    """CPU milliseconds of a search, and of the longest piece for which another task had to wait."""
    longest, turned = 0.0, time.process_time()

    async def beside() -> None:
        nonlocal longest, turned
        while True:
            await asyncio.sleep(0)
            longest, turned = max(longest, time.process_time() - turned), time.process_time()

    other = asyncio.create_task(beside())
    await asyncio.sleep(0)
    began = time.process_time()
    await index.search(query, 50)
    used = time.process_time() - began
    other.cancel()
    return used * 1000, longest * 1000


def baseline(known: Sequence[str], query: str) -> float:
    began = time.process_time()
    sum(query in path for path in known)
    return (time.process_time() - began) * 1000


def main() -> None:
    known = paths(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    began = time.process_time()
    index = FileIndex(known)
    print(f"index over {len(known):,} paths: {(time.process_time() - began) * 1000:.0f} ms CPU, in a thread")
    print("| query | CPU, ms | longest piece, ms | against `in` |")
    print("|---|---|---|---|")
    for query in QUERIES:
        runs = [asyncio.run(searched(index, query)) for _ in range(5)]
        used, waited = min(run[0] for run in runs), min(run[1] for run in runs)
        print(f"| {query} | {used:.0f} | {waited:.1f} | {used / min(baseline(known, query) for _ in range(5)):.0f}x |")


if __name__ == "__main__":
    main()
