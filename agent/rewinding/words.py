"""What a person reads of a rewind or redo. Pure."""

from collections.abc import Sequence

from agent.meanwhile import named


def rewound_line(redone: bool, requests: int, files: int, kept: Sequence[str]) -> str:
    """One sentence, and another for files of the user that were left alone."""
    parts: list[str] = []
    if requests:
        parts.append(f"{requests} request{'s' if requests > 1 else ''} {'stand again' if redone else 'taken back'}")
    if files:
        parts.append(f"{files} file{'s' if files > 1 else ''} put {'forward' if redone else 'back'}")
    line = f"{'Redone' if redone else 'Undone'}: {', '.join(parts) or 'nothing had changed'}."
    if kept:
        line += f" Left as they are, because you changed them too: {named(kept)}."
    return line
