"""`qwright batch`: rows in, predictions out."""

import asyncio
import hashlib
import platform
import signal
import sys
from argparse import Namespace
from pathlib import Path

from agent.json_types import JsonValue
from agent.settings import Settings
from cli import exit_codes
from cli.batch_images import open_stock, reap_left
from cli.config import Config
from cli.errors import UsageError
from cli.launching import look_at, settings_of
from cli.lock import session_lock
from cli.printing import printable
from cli.pulse import watched_client
from cli.settled import settled
from cli.version import VERSION
from jobs.batch.engine import Engine, LocalEngine
from jobs.batch.errors import BatchError
from jobs.batch.instance import Ways
from jobs.batch.place import DockerPlaces
from jobs.batch.progress import Progress
from jobs.batch.reports.facts import Run, facts_of
from jobs.batch.reports.summary import write_report
from jobs.batch.rows import Instance, Loaded, load_rows
from jobs.batch.run import Batch
from jobs.batch.selection import select, slice_of
from jobs.batch.setup import check_setup
from jobs.batch.workers import ByLoad, Fixed, Room
from sandboxes.protocol import Limits
from serving.view import ServerView

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def execute(options: Namespace) -> int:
    """See `cli.parsers.batch`. Exit code 0 when every instance is finished, 1 when some are not or a row was bad."""
    config = settled(vars(options), None).values
    # git runs in folders of its own: a relative path would lead it astray.
    options.out = options.out.absolute()
    try:
        loaded = load_rows(options.rows, Instance)
        chosen = select(loaded.rows, ids_of(options.ids), options.shuffle, part_of(options.slice))
        for problem in loaded.problems:
            say(f"Left out: {problem}")
        if not chosen:
            raise UsageError(f"No row of {options.rows} is left to run.")
        settings = settings_of(config, look_at(config))
        options.out.mkdir(parents=True, exist_ok=True)
        with session_lock(options.out):
            setup = setup_of(config, settings, options)
            check_setup(options.out, setup)
            return asyncio.run(
                _run(options, loaded, Batch(chosen, options.out, settings.endpoint.model), settings, setup)
            )
    except BatchError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"The folder {options.out} cannot be used ({error.strerror}).") from error


async def _run(
    options: Namespace, loaded: Loaded[Instance], batch: Batch, settings: Settings, setup: dict[str, JsonValue]
) -> int:
    config = settled(vars(options), None).values
    limits = Limits(memory_bytes=int(config.memory_gb * 1024**3), cpus=config.cpus)
    view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)
    todo = batch.to_do()
    if len(todo) < len(batch.instances):
        say(f"{len(batch.instances) - len(todo)} of {len(batch.instances)} instances are finished already.")
    room: Room = ByLoad(view.snapshot) if options.workers == "auto" else Fixed(options.workers)
    async with open_stock(options, todo, room.most, say) as stock:
        await reap_left(todo, batch.statuses())
        ways = Ways(
            settings,
            lambda emit: watched_client(settings, view, emit),
            DockerPlaces(limits, stock),
            retries=options.retries,
            agents_md=not options.no_agents_md,
        )
        interrupted = await _until_signal(batch, LocalEngine(ways), room, Progress(len(todo), say))
    await view.close()
    facts = facts_of(options.out, batch.statuses())
    write_report(options.out, Run(facts, len(batch.instances), setup, loaded.problems))
    if interrupted:
        say(f"Interrupted. The same command goes on where this stopped; results so far are in {options.out}.")
        return exit_codes.INTERRUPTED
    left = batch.to_do()
    finished = len(batch.instances) - len(left)
    say(f"{finished} of {len(batch.instances)} instances finished; see {options.out / 'report.md'}.")
    if left:
        say(f"{len(left)} were ended by the infrastructure; the same command runs them again.")
    return exit_codes.FAILED if left or loaded.problems else exit_codes.DONE


async def _until_signal(batch: Batch, engine: Engine, room: Room, progress: Progress) -> bool:
    """Run; True when a signal ended it. The containers are gone then, the sessions stay."""
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(batch.run(engine, room, progress))
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        return True
    finally:
        for number in _ENDING_SIGNALS:
            loop.remove_signal_handler(number)
    return False


def setup_of(config: Config, settings: Settings, options: Namespace) -> dict[str, JsonValue]:
    """What a stranger needs to repeat the run; no key and no value of a variable is in it."""
    shown = config.model_dump(mode="json", exclude={"api_key", "env", "image", "workspace", "sandbox", "network"})
    rows: Path = options.rows
    return {
        "configuration": shown,
        "model": settings.endpoint.model,
        "context_tokens": settings.endpoint.context_tokens,
        "server_version": settings.endpoint.version,
        "qwright": VERSION,
        "python": platform.python_version(),
        "rows": {"file": rows.name, "sha256": hashlib.sha256(rows.read_bytes()).hexdigest()},
        "selection": {"ids": options.ids, "shuffle": options.shuffle, "slice": options.slice},
        "workers": options.workers,
        "retries": options.retries,
        "agents_md": not options.no_agents_md,
    }


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
