"""`qwright fit`: which model fits on which GPUs, and the command that serves it."""

import json
import shutil
import sys
from argparse import Namespace

from cli.errors import UsageError
from cli.serve.planning import machine_of, model_of, plans, question_of
from serving.fit import report
from serving.fit.chart import chart
from serving.fit.command import ServeCommand, serve_command
from serving.fit.families import CHECKPOINTS
from serving.fit.gpus import GPUS, Machine
from serving.fit.plan import Fit, PlanError, Question, Verdict, best


def execute(options: Namespace) -> int:
    """See `cli.parsers.fit`. Exit code 0 when the asked model fits (or any, when none is named), else 1."""
    try:
        return _execute(options)
    except PlanError as error:
        raise UsageError(str(error)) from error


def _execute(options: Namespace) -> int:
    question = question_of(options)
    machine = machine_of(options.gpu)
    if options.model is None:
        if machine is None:
            raise UsageError(
                "No GPU was found by nvidia-smi. Name one: `qwright fit --gpu 8xH100`, `--gpu 4090`, `--gpu 1x80GB`, "
                "or `--gpu cpu-32GB` for vLLM on a processor."
            )
        return _all_models(options, machine, question)
    if machine is None:
        return _all_machines(options, question)
    return _one_model(options, machine, question)


def _one_model(options: Namespace, machine: Machine, question: Question) -> int:
    checkpoint, precision, source = model_of(options.model, options.precision)
    tried = plans(checkpoint, precision, machine, question)
    chosen = best(tried)
    command = serve_command(
        chosen, source=source, template=options.template, host=options.host, port=options.port or 8000
    )
    if options.json:
        print(json.dumps(report.as_data(chosen, command.shell()), indent=2))
    else:
        _print_plan(chosen, tried, command)
    return 0 if chosen.verdict is Verdict.FITS else 1


def _print_plan(chosen: Fit, tried: list[Fit], command: ServeCommand) -> None:
    print(report.sentence(chosen))
    print(f"\n{report.memory_table(chosen)}")
    if chosen.verdict is not Verdict.TOO_LARGE:
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        width = min(shutil.get_terminal_size((80, 24)).columns, 100)
        print(f"\n{report.contexts_table(chosen)}")
        drawn = chosen.question.agents if chosen.question.agents > 1 else max(1, chosen.agents)
        print(f"\n{chart(chosen, drawn, width, unicode=unicode)}")
    if len(tried) > 1:
        print(f"\n{report.plans_table(tried)}")
    for note in report.notes(chosen):
        print(f"\n{note}")
    if chosen.verdict is Verdict.FITS:
        print(f"\n{command.pretty()}")


def _all_models(options: Namespace, machine: Machine, question: Question) -> int:
    chosen = [best(plans(checkpoint, options.precision, machine, question)) for checkpoint in CHECKPOINTS]
    if options.json:
        print(json.dumps([report.as_data(one, serve_command(one).shell()) for one in chosen], indent=2))
    else:
        print(f"{machine}, {machine.gpu.memory / (1 << 30):.1f} GiB each\n")
        print(report.plans_table(chosen))
        print(f"\n`qwright fit --gpu '{options.gpu or machine}' --model NAME` has the details and the command.")
    return 0 if any(one.verdict is Verdict.FITS for one in chosen) else 1


def _all_machines(options: Namespace, question: Question) -> int:
    """The fewest GPUs of each kind that hold the model."""
    checkpoint, precision, _ = model_of(options.model, options.precision)
    rows: list[Fit] = []
    for gpu in GPUS:
        for count in (1, 2, 4, 8):
            fitting = best(plans(checkpoint, precision, Machine(count, gpu), question))
            if fitting.verdict is Verdict.FITS:
                rows.append(fitting)
                break
    if options.json:
        print(json.dumps([report.as_data(one, serve_command(one).shell()) for one in rows], indent=2))
    elif rows:
        print(f"No GPU was named or found. The fewest of each kind that hold {checkpoint.name}:\n")
        cells = [(str(one.machine), one.precision.value, report.tokens(one.context), str(one.agents)) for one in rows]
        print(report.table([("GPUS", "PRECISION", "CONTEXT", "AGENTS AT ONCE"), *cells], left=2))
    else:
        print(f"{checkpoint.name} fits on none of the GPUs that are known, up to eight of each.")
    return 0 if rows else 1
