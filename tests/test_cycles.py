"""No module imports itself through others, not even late in a function or for types alone."""

from graphlib import CycleError, TopologicalSorter

import grimp

from tests.sizes import PRODUCT


def test_no_imports_in_a_circle() -> None:
    graph = grimp.build_graph(*PRODUCT, cache_dir=None)
    sorter = TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})
    try:
        sorter.prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
