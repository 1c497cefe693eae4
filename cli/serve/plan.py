"""What `qwright serve` is to serve on this machine, and the command for it."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from cli import exit_codes
from cli.errors import CommandError, UsageError
from cli.serve.planning import free_memory, machine_of, model_of, plans, processor, question_of
from serving.fit import report
from serving.fit.architecture import parameters
from serving.fit.command import ServeCommand, serve_command
from serving.fit.families import CHECKPOINTS
from serving.fit.gpus import GIB, Machine
from serving.fit.plan import GOOD_CONTEXT, Fit, PlanError, Question, Verdict, best

PROCESSOR_CONTEXT = 32_768
"""Tokens, where none are asked for: a processor reads some hundred a second."""


def plan_to_serve(options: Namespace) -> tuple[Fit, ServeCommand]:
    """The plan and its command. Raises `CommandError` with what would fit where this does not."""
    try:
        plan, source = _plan(options)
    except PlanError as error:
        raise UsageError(str(error)) from error
    command = serve_command(
        plan,
        source=source,
        served_name=Path(source).name if source else "",
        template=options.template,
        host=options.host,
        port=options.port,
        extra=tuple(options.handed_on),
    )
    if command.arguments[0].startswith("YOUR-"):
        raise UsageError(
            f"No published {plan.precision.value} checkpoint of {plan.checkpoint.name} is known; "
            "give --model the folder of one."
        )
    return plan, command


def _plan(options: Namespace) -> tuple[Fit, str]:
    found = machine_of(options.gpu)
    machine = found or processor()
    if machine is None:
        raise UsageError("No GPU was found, and the system does not say how much memory it has; name one with --gpu.")
    if machine.gpu.cpu and not options.context:
        options.context = PROCESSOR_CONTEXT
    question = question_of(options)
    if options.model is None:
        if machine.gpu.cpu:
            raise UsageError(
                "No GPU was found by nvidia-smi, so nothing can be chosen for you. Name the model: "
                "`qwright serve --model 0.8B` runs on a processor; `qwright fit --gpu cpu-32GB` shows what else does."
            )
        return _largest(machine, question), ""
    checkpoint, precision, source = model_of(options.model, options.precision)
    plan = best(plans(checkpoint, precision, machine, question))
    _check(plan, options, measured=options.gpu is None)
    return plan, source


def _largest(machine: Machine, question: Question) -> Fit:
    """The largest model that fits with a good context; of equals the newest."""
    ordered = sorted(CHECKPOINTS, key=lambda one: (parameters(one.shape).total, one.template), reverse=True)
    for checkpoint in ordered:
        plan = best(plans(checkpoint, None, machine, question))
        if plan.verdict is Verdict.FITS and plan.named and (question.context or plan.context >= GOOD_CONTEXT):
            return plan
    raise CommandError(
        f"No model fits on {machine} with what was asked; `qwright fit --gpu '{machine}'` shows what each would have.",
        exit_codes.FAILED,
    )


def _check(plan: Fit, options: Namespace, *, measured: bool) -> None:
    """Raises when it does not fit, or when others hold the memory that vLLM would take."""
    if options.force:
        return
    if plan.verdict is not Verdict.FITS:
        raise CommandError(f"{report.sentence(plan)} --force starts it all the same.", exit_codes.FAILED)
    free: Sequence[int] = free_memory() if measured and not plan.machine.gpu.cpu else ()
    short = [number for number, left in enumerate(free) if left < plan.budget.usable]
    if len(free) - len(short) < plan.parallel and short:
        raise CommandError(
            f"GPU {short[0]} has {free[short[0]] / GIB:.1f} GiB free; vLLM would take {plan.budget.usable / GIB:.1f}. "
            "End what holds it (nvidia-smi names it), or lower --gpu-memory-utilization; --force starts it anyway.",
            exit_codes.FAILED,
        )
