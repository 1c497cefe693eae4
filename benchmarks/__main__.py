"""All figures of the design, each beside its bar and a baseline of the same run: `make bench`.

Those that need a Docker engine or a vLLM (QWRIGHT_TEST_VLLM) say so when it is missing. Quote ratios: the machine's own
speed cancels out of them.
"""

import asyncio
import os
import shutil

from benchmarks import engine_step, run_figures, sandbox_roundtrip, version

IMAGE = os.environ.get("QWRIGHT_TEST_IMAGE", "sandbox-base:bookworm")


def main() -> None:
    version.main()
    engine_step.main()
    if shutil.which("docker") is None:
        print("no Docker client: the figures of a run in a container are left out")
        return
    run_figures.main()
    asyncio.run(sandbox_roundtrip.measure(IMAGE))


if __name__ == "__main__":
    main()
