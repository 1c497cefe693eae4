"""The images of a batch from the command line: the stock, and the look at the disk before anything begins."""

from argparse import Namespace
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cli import exit_codes
from cli.errors import CommandError
from cli.place import CRASH_GRACE_S
from jobs.batch.instance import session_prefix
from jobs.batch.rows import Instance
from jobs.batch.space import space_for
from jobs.batch.stock import GIB, Stock, StockRules
from jobs.batch.store import Status
from sandboxes.errors import SandboxError


def rules_of(options: Namespace) -> StockRules:
    """--disk-budget, --keep-images, --pull."""
    budget = options.disk_budget
    return StockRules(int(budget * GIB) if budget else None, options.keep_images, options.pull)


@asynccontextmanager
async def stock_of(out: Path, rules: StockRules, images: Iterable[str] = ()) -> AsyncGenerator[Stock]:
    """The images on this machine for a run into `out`, tidied up at the end. The engine is asked only when needed."""
    from sandboxes.container.images import EngineImages

    host = EngineImages()
    stock = Stock(host, out / "images.json", rules, Counter(images))
    try:
        try:
            yield stock
        finally:
            await stock.close()
    finally:
        await host.close()


async def look_at_disk(stock: Stock, at_once: int, say: Callable[[str], None]) -> None:
    """Say what will be pulled, and whether there is room; raises `CommandError` (4) without engine or room."""
    try:
        space = space_for(len(await stock.missing()), at_once, await stock.host.free_bytes(), stock.rules)
    except SandboxError as error:
        raise CommandError(str(error), exit_codes.SANDBOX) from error
    if space is not None and space.refused:
        raise CommandError(space.sentence, exit_codes.SANDBOX)
    if space is not None:
        say(space.sentence)


async def reap_left(instances: Sequence[Instance], statuses: Sequence[Status]) -> None:
    """Remove containers that a killed call left, but not those of sessions that go on now."""
    from sandboxes.container.reap import reap

    spare = frozenset(status.session_id for status in statuses if status.exit_status == "running")
    ours = tuple(session_prefix(it.instance_id) for it in instances)
    try:
        await reap(spare, older_than_s=CRASH_GRACE_S, at_once=lambda session: session.startswith(ours))
    except SandboxError as error:
        raise CommandError(str(error), exit_codes.SANDBOX) from error
