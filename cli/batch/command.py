"""`qwright batch`: rows in, predictions out."""

import asyncio
import logging
import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace

from agent.settings import Settings
from cli import exit_codes
from cli.batch.arms import Conclusion, Plan, plan_of
from cli.batch.engine import open_machines, recipe_of
from cli.batch.progress import check_events, progress_over
from cli.batch.setup import setup_of
from cli.errors import UsageError
from cli.launching import look_at, settings_of
from cli.lock import session_lock
from cli.printing import printable
from cli.settled import settled
from cli.until_signal import until_signal
from jobs.batch.errors import BatchError
from jobs.batch.inputs.source import Source, load
from jobs.batch.instance import first_error
from jobs.batch.memory import room_in_memory
from jobs.batch.progress import Progress
from jobs.batch.rows import GradedInstance, Instance, Loaded
from jobs.batch.run import Arm, Batch, run_arms
from jobs.batch.selection import of_difficulty, select, slice_of
from jobs.batch.setup import check_setup
from jobs.batch.workers import ByLoad, Fixed, Room
from sandboxes.container.image_build import DEFAULT_IMAGE
from sandboxes.protocol import Limits
from serving.priority import takes_priority
from serving.view import ServerView

_logger = logging.getLogger(__name__)


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch`. Exit code 0 when every instance is finished, 1 when some are not or a row was bad."""
    config = settled(vars(options), None).values
    # git runs in folders of its own: a relative path would lead it astray.
    options.out = options.out.absolute()
    check_events(options.events)
    try:
        source = Source(options.rows, options.repo, config.image or DEFAULT_IMAGE)
        loaded = load(source, Instance)
        for problem in loaded.problems:
            say(f"Left out: {problem}")
        fitting = of_difficulty(loaded.rows, ids_of(options.difficulty))
        chosen = select(fitting, ids_of(options.ids), options.shuffle, part_of(options.slice))
        if not chosen:
            raise UsageError(f"No row of {options.rows} is left to run.")
        server = look_at(config)
        settings = with_priority(settings_of(config, server), options.priority)
        settings = replace(settings, endpoint=replace(settings.endpoint, seed=options.seed))
        options.out.mkdir(parents=True, exist_ok=True)
        with session_lock(options.out):
            plan = plan_of(options)
            setup = setup_of(config, settings, options, source, server.model(settings.endpoint.model))
            changes = check_setup(options.out, setup)
            for name, folder in plan.folders.items():
                if folder != options.out:
                    check_setup(folder, plan.setup(name, setup))
            for sentence in changes:
                say(sentence)

            def graded() -> list[GradedInstance]:
                return rows_to_grade(options, source, chosen)

            return asyncio.run(_run(options, loaded, plan, chosen, settings, graded))
    except BatchError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"The folder {options.out} cannot be used ({error.strerror}).") from error


async def _run(
    options: Namespace,
    loaded: Loaded[Instance],
    plan: Plan,
    chosen: Sequence[Instance],
    settings: Settings,
    graded: Callable[[], list[GradedInstance]],
) -> int:
    config = settled(vars(options), None).values
    limits = Limits(memory_bytes=int(config.memory_gb * 1024**3), cpus=config.cpus)
    view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)
    faults: list[str] = []
    batches = {name: Batch(chosen, out, settings.endpoint.model) for name, out in plan.folders.items()}
    todo = [instance for batch in batches.values() for instance in batch.to_do()]
    of = len(chosen) * len(batches)
    if len(todo) < of:
        say(f"{of - len(todo)} of {of} instances are finished already.")
    known = [status for batch in batches.values() for status in batch.going_on()]
    recipe = recipe_of(options, settings, limits)
    async with open_machines(options, recipe, view, (todo, known), say) as machines:
        # The nodes of a cluster have memory of their own.
        memory = room_in_memory if options.engine == "local" else _unknown
        auto = ByLoad(view.snapshot, machines.most, memory=memory)
        room: Room = auto if options.workers == "auto" else Fixed(options.workers)
        places, stock, graders = machines.places, machines.stock, _graders(room.most)
        end = Conclusion(plan, chosen, settings.endpoint.model, places, stock, limits, room, graders, say)
        arms = [Arm(name, it, machines.engine(plan.settings(name, settings))) for name, it in batches.items()]
        async with progress_over(options.progress, len(todo), view, say, options.events) as progress:
            interrupted = await until_signal(run_and_conclude(arms, room, progress, end, graded, faults))
    await view.close()
    where = end.report(loaded.problems)
    if interrupted:
        say(f"Interrupted. The same command goes on where this stopped; results so far are in {options.out}.")
        return exit_codes.INTERRUPTED
    left = sum(len(batch.to_do()) for batch in batches.values())
    say(f"{of - left} of {of} instances finished; see {where}.")
    for sentence in not_finished(batches.values()):
        say(sentence)
    return exit_codes.FAILED if left or faults or loaded.problems else exit_codes.DONE


def not_finished(batches: Iterable[Batch]) -> Iterator[str]:
    """Why some instances have no prediction; the same command runs them again."""
    ends = Counter(status.exit_status for batch in batches for status in batch.statuses())
    again = "the same command runs them again"
    if ends["infra"]:
        yield f"{ends['infra']} were ended by the infrastructure; {again}."
    if ends["crashed"]:
        yield f"{ends['crashed']} crashed by a fault of qwright's own (tracebacks: ID/crash.txt); {again}."


async def run_and_conclude(
    arms: Sequence[Arm],
    room: Room,
    progress: Progress,
    end: Conclusion,
    graded: Callable[[], list[GradedInstance]],
    faults: list[str],
) -> None:
    """The runs, the choice among attempts, the grading: until then nothing reads the rows' tests.

    A fault of ours at some instances ends no other and nothing that follows; it is told, and added to `faults`.
    """

    async def through(what: str, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except ExceptionGroup as group:
            _logger.exception("%s", what)
            first = first_error(group)
            sentence = f"{what}: {len(group.exceptions)} instances met an error ({type(first).__name__}: {first}). "
            faults.append(f"{sentence}The others went on; the traceback is in the log file.")
            end.say(faults[-1])

    await through("The runs", run_arms(arms, room, progress))
    if end.plan.kind == "attempts":
        await through("The choice among attempts", end.choose())
    try:
        rows = graded()
    except BatchError as error:
        # The file of the rows may be gone by now; what was run is not.
        faults.append(f"Not graded: {error}")
        end.say(faults[-1])
        return
    if rows:
        await through("The grading", end.grade(rows))


def _graders(most: int) -> int:
    """Containers of tests at once: they run on this machine, wherever the instances ran."""
    fit = room_in_memory()
    return max(min(most, os.cpu_count() or 1, most if fit is None else fit), 1)


def _unknown() -> None:
    """No figure of the memory."""


def with_priority(settings: Settings, priority: int) -> Settings:
    """The settings with a priority for every request, where the server takes one."""
    endpoint = settings.endpoint
    if not priority:
        return settings
    if not takes_priority(endpoint.base_url, endpoint.model, priority, endpoint.api_key):
        say("The server takes no priorities; people on it are let go first by holding requests back while others wait.")
        return settings
    return replace(settings, endpoint=replace(endpoint, priority=priority))


def rows_to_grade(options: Namespace, source: Source, chosen: Sequence[Instance]) -> list[GradedInstance]:
    """The rows with their tests, read only to grade when all runs are over; none when nothing is to be graded.

    A comparison grades what it can without being asked.
    """
    if not (options.grade or options.compare) or (source.is_issue and not options.grade):
        return []
    ids = {it.instance_id for it in chosen}
    loaded = load(source, GradedInstance)
    rows = [row for row in loaded.rows if row.instance_id in ids]
    if len(rows) < len(ids):
        say(f"{len(ids) - len(rows)} of {len(ids)} instances cannot be graded: their rows lack eval_script or tests.")
    return rows


def ids_of(text: str | None) -> list[str] | None:
    """The ids of --ids."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def part_of(text: str | None) -> slice | None:
    """The slice of --slice. Raises `UsageError`."""
    try:
        return None if text is None else slice_of(text)
    except ValueError as error:
        raise UsageError(f"--slice: {error}.") from error


def say(sentence: str) -> None:
    """A line of progress."""
    print(printable(sentence), file=sys.stderr, flush=True)
