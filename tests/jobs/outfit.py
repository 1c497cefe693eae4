"""How the tests of engines run instances: over a local sandbox, with a model whose script depends on the instance."""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.events import EventSink
from jobs.batch.errors import BatchError
from jobs.batch.instance import Ways
from jobs.batch.place import Images
from jobs.batch.rows import Instance
from jobs.batch.stock import Stock, StockRules
from jobs.batch.store import Status
from sandboxes.errors import SandboxUnavailable
from tests.fakes.images import FakeImages
from tests.fakes.model import Answer, ScriptedModel, call, says
from tests.jobs.places import SETTINGS, LocalPlaces, fixing

HERE = "run in this very process"


def nowhere() -> str:
    """The node of a process that is none of a cluster's."""
    return HERE


@dataclass(frozen=True)
class TestOutfit:
    """Implements `Outfit`. `folder` is on a disk that all "nodes" share, as one machine's do.

    An instance named `…-waits-…` says where it runs in `ran` and goes on once `go` exists; `…-breaks-…` gets no
    sandbox, `…-crashes-…` meets a fault of ours; `…-refuses-…` cannot be run on any node.
    """

    __test__ = False
    folder: Path
    node: Callable[[], str] = nowhere
    registry: dict[str, list[tuple[str, int]]] = field(default_factory=dict[str, list[tuple[str, int]]])

    @property
    def go(self) -> Path:
        return self.folder / "go"

    def ran(self) -> list[tuple[str, str]]:
        """Instance and node of each beginning."""
        path = self.folder / "ran"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(name, node) for name, _, node in (line.partition(" ") for line in lines)]

    def stock(self) -> Stock | None:
        record = self.folder / f"images-{self.node()}.json"
        return Stock(FakeImages(self.registry), record, StockRules()) if self.registry else None

    def ways(self, instance: Instance, status: Status, images: Images) -> AbstractAsyncContextManager[Ways]:
        return self._ways(instance, status, images)

    @asynccontextmanager
    async def _ways(self, instance: Instance, status: Status, images: Images) -> AsyncGenerator[Ways]:
        name = instance.instance_id
        if "refuses" in name:
            raise BatchError("this node has another version")
        places = LocalPlaces(self.folder / "places" / secrets.token_hex(4), self.folder / "source", images=images)
        places.failures = [SandboxUnavailable("no engine here")] * (9 if "breaks" in name else 0)
        if "crashes" in name:
            places.failures = [KeyError("ours")]

        def client(emit: EventSink) -> ScriptedModel:
            return ScriptedModel(self.script(name, going_on=(self.folder / f"{name}.began").exists()))

        yield Ways(SETTINGS, client, places, retries=1, pause_s=0.0)

    def script(self, name: str, *, going_on: bool) -> list[Answer]:
        if "waits" not in name:
            return fixing()
        if going_on and "resumed" in name:
            return [says(call("submit"), text="Fixed.")]
        # `ran` comes last: who sees it there may kill this command at once.
        wait = f"touch {self.folder}/{name}.began; echo {name} {self.node()} >> {self.folder}/ran; "
        wait += f"until [ -e {self.go} ]; do sleep 0.05; done"
        return [fixing()[0], says(call("bash", command=wait)), says(call("submit"), text="Fixed.")]
