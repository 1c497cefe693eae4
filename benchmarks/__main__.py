"""All figures of the design, each beside its bar and a baseline of the same run: `make bench`.

Those that need a Docker engine or a vLLM (QWRIGHT_TEST_VLLM) say so when it is missing. Quote ratios: the machine's own
speed cancels out of them.
"""

import shutil
import subprocess
import sys


def main() -> None:
    modules = ["version", "first_paint", "tui_echo", "engine_step", "triage_log"]
    if shutil.which("docker") is None:
        print("no Docker client: the figures of a run in a container are left out")
    else:
        modules += ["run_figures", "sandbox_roundtrip"]
    for module in modules:
        # A process each: a child's peak memory counts from what its parent had.
        subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)


if __name__ == "__main__":
    main()
