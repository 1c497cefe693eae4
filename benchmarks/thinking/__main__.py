"""Wall seconds, reasoning tokens and cached tokens of the four policies, side by side in one run on a real vLLM.

    python -m benchmarks.thinking STEPS.jsonl --base-url http://127.0.0.1:8093/v1 --scripts DIR

The server must say what a script in DIR tells it to (QWRIGHT_TEST_VLLM's kind) at a steady pace of tokens, and run with
--prefix-match-unit 16. The words are scripted, so this measures cost; it says nothing about which policy solves more.
All runs go side by side, so that whatever else the machine does weighs on all of them alike; `pace` is what each
sequence got. Exit code 1 when a policy lost a cached token: a step recomputed more than its new tokens and 16.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from agent.settings import Endpoint
from agent.thinking import POLICIES, Policy
from benchmarks.thinking.one import Measured, measure
from benchmarks.thinking.scripts import recorded

INSTANCES = ("scikit-learn__scikit-learn-13439", "sympy__sympy-13480", "psf__requests-1766")
MATCH_UNIT = 16
_HEAD = "| run | policy | seconds | pace | thought on | reasoning | written | cached | lost | saved s | claimed s |"


async def main(options: argparse.Namespace) -> int:
    """Run and print; see the module."""
    endpoint = served(options.base_url)
    names: list[str] = options.instances
    runs = {instance: recorded(options.steps, instance)[: options.first] for instance in names}
    batches: list[tuple[Policy, ...]] = [(policy,) for policy in POLICIES] if options.in_turn else [POLICIES]
    found: dict[tuple[str, Policy], Measured] = {}
    with tempfile.TemporaryDirectory(prefix="qwright-bench-") as name:
        for batch in batches:
            async with asyncio.TaskGroup() as tasks:
                running: dict[tuple[str, Policy], asyncio.Task[Measured]] = {
                    (instance, policy): tasks.create_task(
                        measure(endpoint, options.scripts, Path(name), policy, steps, instance)
                    )
                    for policy in batch
                    for instance, steps in runs.items()
                }
            found.update((key, task.result()) for key, task in running.items())
    print(f"{_HEAD}\n|{'---|' * 11}")
    for instance in runs:
        for policy in POLICIES:
            print(line(instance, policy, found[instance, policy], found[instance, "always"]))
    worst = max(measured.lost for measured in found.values())
    print(f"\nA step recomputed at most {worst} tokens more than were new (bar: {MATCH_UNIT}).")
    return int(worst > MATCH_UNIT)


def line(instance: str, policy: str, measured: Measured, always: Measured) -> str:
    """One row; `saved` is against `always` in the same run, `claimed` the session's own estimate."""
    spent = measured.thinking
    claimed = "–" if spent.saved_s is None or not spent.off else f"{spent.saved_s:.0f}"
    saved = "–" if policy == "always" else f"{always.seconds - measured.seconds:.0f}"
    return (
        f"| {instance} | {policy} | {measured.seconds:.0f} | {measured.pace:.0f} | {spent.on} of {measured.steps} "
        f"| {spent.reasoning_tokens:,} | {measured.written:,} "
        f" | {measured.cached / measured.prompt:.1%} | {measured.lost} | {saved} | {claimed} |"
    )


def served(base_url: str) -> Endpoint:
    """The only model of the server."""
    with urllib.request.urlopen(f"{base_url}/models", timeout=30) as answer:
        model = json.load(answer)["data"][0]
    return Endpoint(base_url, model["id"], context_tokens=model["max_model_len"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thinking", description=__doc__)
    parser.add_argument("steps", type=Path, metavar="STEPS.jsonl")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--scripts", type=Path, required=True)
    parser.add_argument("--instances", nargs="+", default=INSTANCES)
    parser.add_argument("--first", type=int, metavar="N", help="only the first N steps of each run")
    parser.add_argument("--in-turn", action="store_true", help="one policy after the other, for a quiet machine")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(_options())))
