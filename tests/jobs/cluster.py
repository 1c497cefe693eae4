"""A Ray cluster of several nodes on this machine: real daemons, one set for each node."""

import importlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, cast

from tests.needs import missing


class Node(Protocol):
    """One of the cluster's nodes."""

    @property
    def node_id(self) -> str: ...


class Cluster(Protocol):
    """The part of `ray.cluster_utils.Cluster` that tests use."""

    @property
    def address(self) -> str: ...

    def add_node(self, **options: object) -> Node: ...
    def remove_node(self, node: Node, allow_graceful: bool) -> None: ...
    def wait_for_nodes(self) -> None: ...
    def shutdown(self) -> None: ...


@contextmanager
def cluster(nodes: int) -> Generator[tuple[Cluster, list[Node]]]:
    """A head that runs nothing and so many nodes with two CPUs each; skips with one line where Ray is missing."""
    try:
        utils = importlib.import_module("ray.cluster_utils")
    except ModuleNotFoundError:
        missing("no Ray: install requirements/dev.txt, or the extra `ray`")
    # Ray's workers step behind everything else of a machine (nice 15): beside a busy test suite they would not start.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 -- its name at Ray
    made = cast(
        "Cluster", utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    )
    try:
        workers = [made.add_node(num_cpus=2) for _ in range(nodes)]
        made.wait_for_nodes()
        yield made, workers
    finally:
        made.shutdown()
