"""Where the instances of a batch run: in this process, or on the nodes of a Ray cluster, built from one recipe."""

import hashlib
import ipaddress
import os
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from agent.settings import Settings
from cli.batch.images import look_at_disk, reap_left, rules_of, stock_of
from cli.errors import UsageError
from cli.paths import state_dir
from cli.pulse import watched_client
from cli.version import VERSION
from jobs.batch.courtesy import Gate, Polite
from jobs.batch.engine import Engine, LocalEngine, machine_room
from jobs.batch.errors import BatchError
from jobs.batch.instance import Ways
from jobs.batch.place import DockerPlaces, Images, Opener
from jobs.batch.rows import Instance
from jobs.batch.stock import Stock, StockRules
from jobs.batch.store import Status
from sandboxes.protocol import Limits
from serving.view import ServerView


@dataclass(frozen=True, slots=True)
class Recipe:
    """How any process runs an instance of this batch. Implements `jobs.batch.ray_node.Outfit`; sent to the nodes.

    It holds the key of the model server: a Ray cluster's nodes are trusted with it.
    """

    settings: Settings
    limits: Limits
    retries: int
    agents_md: bool
    rules: StockRules
    batch: str
    version: str = VERSION

    def stock(self) -> Stock:
        """See `Outfit`. What a node pulled is recorded on that node."""
        from sandboxes.container.images import EngineImages

        return Stock(EngineImages(), state_dir() / "batch-images" / f"{self.batch}.json", self.rules)

    def ways(self, instance: Instance, status: Status, images: Images) -> AbstractAsyncContextManager[Ways]:
        """See `Outfit`."""
        return self._ways(instance, status, images)

    @asynccontextmanager
    async def _ways(self, instance: Instance, status: Status, images: Images) -> AsyncGenerator[Ways]:
        if self.version != VERSION:
            raise BatchError(f"This node has qwright {VERSION} and the driver {self.version}; install the same.")
        # Not even the container of this very session is taken up: the driver's log, which came along, may be older than
        # what was done in there.
        await reap_left([instance], [])
        view = ServerView(self.settings.endpoint.base_url, self.settings.endpoint.api_key)
        try:
            yield self.on(view, images)
        finally:
            await view.close()

    def on(self, view: ServerView, images: Images) -> Ways:
        """The ways over a view of the server that somebody else closes."""
        gate = Gate(view.snapshot)
        return Ways(
            self.settings,
            lambda emit: Polite(watched_client(self.settings, view, emit), gate),
            DockerPlaces(self.limits, images),
            retries=self.retries,
            agents_md=self.agents_md,
        )


def recipe_of(options: Namespace, settings: Settings, limits: Limits) -> Recipe:
    """The recipe of a command line."""
    place = hashlib.sha256(f"{os.uname().nodename}:{Path(options.out).resolve()}".encode()).hexdigest()[:16]
    return Recipe(settings, limits, options.retries, not options.no_agents_md, rules_of(options), place)


@dataclass(frozen=True, slots=True)
class Machines:
    """What runs instances: engines by the settings of a run, how many instances at once there is room for, and places
    and images on this machine for what follows the runs.
    """

    engine: Callable[[Settings], Engine]
    most: int
    places: Opener
    stock: Stock


@asynccontextmanager
async def open_machines(
    options: Namespace,
    recipe: Recipe,
    view: ServerView,
    work: tuple[Sequence[Instance], Sequence[Status]],
    say: Callable[[str], None],
) -> AsyncGenerator[Machines]:
    """The machines of --engine for as long as the block lasts; `work` is what is to do and what is known of it.

    Raises `CommandError` without engine or room on its disk, `BatchError` without cluster, `UsageError` for what a
    cluster cannot do.
    """
    todo, statuses = work
    most = machine_room()
    if options.engine == "local":
        at_once = options.workers if isinstance(options.workers, int) else most
        async with stock_of(options.out, recipe.rules, (it.container_image for it in todo)) as stock:
            await look_at_disk(stock, at_once, say)
            await reap_left(todo, statuses)

            def here(own: Settings) -> Engine:
                return LocalEngine(replace(recipe, settings=own).on(view, stock))

            yield Machines(here, most, DockerPlaces(recipe.limits, stock), stock)
        return
    from jobs.batch.ray_engine import open_ray_engine

    if local := next((it.host_repository for it in todo if it.host_repository.startswith("/")), None):
        raise UsageError(
            f"The nodes of a cluster do not have {local}; name the repository by a URL that they can clone."
        )
    if own := loopback(recipe.settings.endpoint.base_url):
        say(f"The model server's address {own} means each node itself; name one that all nodes reach, if it does not.")
    address = options.ray_address or os.environ.get("RAY_ADDRESS") or "auto"
    async with (
        open_ray_engine(address, recipe, options.ray_cpus, options.retries, say) as engine,
        stock_of(options.out, recipe.rules) as stock,
    ):
        places = DockerPlaces(recipe.limits, stock)
        yield Machines(lambda own: engine.sharing(replace(recipe, settings=own)), engine.most, places, stock)


def loopback(base_url: str) -> str:
    """The host of an address that is this machine's own, else ""."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host if host == "localhost" or ipaddress.ip_address(host).is_loopback else ""
    except ValueError:
        return ""
