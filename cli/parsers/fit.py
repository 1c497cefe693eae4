"""The grammar of `qwright fit`."""

import argparse

from cli.parsers.common import Commands

_EXAMPLES = """\
examples:
  qwright fit                                            the GPUs of this machine, all models
  qwright fit --gpu 1x80GB                               any GPU by its memory
  qwright fit --model 122B --gpu 8xH100 --context 131072 --agents 8
  qwright fit --model 27B --gpu 4090 --cache fp8         a cache of half the size
  qwright fit --model ./weights --gpu 2x3090             a folder of weights
"""


def add_fit(commands: Commands) -> None:
    """Add `qwright fit`."""
    fit = commands.add_parser(
        "fit",
        help="what fits on which GPUs, with what context, for how many agents",
        description="Which Qwen3.5 fits on which GPUs, with what context, for how many agents; and how to serve it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fit.set_defaults(module="cli.serve.fit")
    fit.add_argument(
        "--gpu", metavar="NxGPU", help="8xH100, RTX 4090, 1x80GB, cpu-32GB (default: those of this machine)"
    )
    add_plan_options(fit)
    fit.add_argument("--json", action="store_true", help="print the plan as JSON")


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """What `fit` and `serve` share: the model and how it is to be served."""
    plan = parser.add_argument_group("the plan")
    plan.add_argument("--model", metavar="NAME|PATH", help="122B, Qwen3.6-27B, Qwen/Qwen3.5-122B-A10B-FP8, or a folder")
    plan.add_argument("--precision", choices=["bf16", "fp8", "int4", "awq"], help="default: the best that fits")
    plan.add_argument("--context", type=int, metavar="N", help="tokens of one conversation (default: as many as fit)")
    plan.add_argument("--agents", type=int, metavar="N", default=1, help="conversations at once (default: 1)")
    plan.add_argument("--cache", choices=["bf16", "fp8"], default="bf16", help="element type of the KV cache")
    plan.add_argument("--mtp", type=int, metavar="N", default=0, help="tokens that multi-token prediction guesses")
    plan.add_argument("--images", action="store_true", help="serve the vision tower too (default: text only)")
    plan.add_argument(
        "--tp", type=int, metavar="N", default=0, help="GPUs that share the model (default: all that can)"
    )
    plan.add_argument(
        "--gpu-memory-utilization", type=float, metavar="SHARE", default=0.0, help="vLLM's share of the memory (0.92)"
    )
    plan.add_argument(
        "--template",
        choices=["own", "3.6"],
        default="own",
        help="chat template: the model's own, or Qwen3.6's, which keeps reasoning across user turns (docs/serving.md)",
    )
    plan.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where the server listens (127.0.0.1)")
    plan.add_argument("--port", type=int, metavar="N", help="port of the server (8000)")
