"""Draws `docs/machine.md` from the graph: `python -m agent.machine_doc` writes it, with `--check` it only compares."""

import sys

from agent.graph import build_graph
from agent.pages import DOCS, keep

DOCUMENT = DOCS / "machine.md"


def document() -> str:
    """The page: the machine as LangGraph draws it."""
    picture = build_graph().get_graph().draw_mermaid()
    return (
        "# The machine\n\n"
        "One turn of a session, drawn from `agent/graph.py` by `make docs`; `make check` fails when it is stale.\n\n"
        f"```mermaid\n{picture.strip()}\n```\n\n"
        "- **prepare** ends the turn at a limit, or decides whether the model thinks at this step, with the reason.\n"
        "- **compact** makes room in the prompt: old tool results are masked, old steps summed up; the log keeps all.\n"
        "- **model** makes one streaming request, shows it as it comes, judges it and writes it to the log.\n"
        "- **repair** meets a faulty answer: the same mode again, the other mode, a required call, the person.\n"
        "- **ask** waits for a person, with a question or a call to approve; the only interrupt.\n"
        "- **act** runs the calls, reads side by side and the rest in order, each at most once.\n"
        "- **finish** settles the last snapshot and writes down how the turn ended; while the person's tests fail, it "
        "goes on.\n"
    )


def main() -> int:
    """Write or check the page; the exit code is 1 when a check finds it stale."""
    return keep(DOCUMENT, document())


if __name__ == "__main__":
    sys.exit(main())
