"""A question to the person. The engine interrupts for the answer; the tool only says how it reads to the model."""

import re

from pydantic import Field

from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolFailure, ToolResult, TypedTool

_WITHOUT = "decide yourself and say in the end what you assumed"


class AskUserArguments(Arguments):
    """Arguments of `ask_user`."""

    question: edges.Text = Field(description="One question, answerable without looking anything up.")
    options: edges.OptionalText = Field(default=None, description="Suggested answers, a line each.")


class AskUser(TypedTool[AskUserArguments]):
    """Ask the person."""

    name = "ask_user"
    arguments = AskUserArguments

    def effect_of(self, arguments: AskUserArguments) -> Effect:
        """A person has to act."""
        del arguments
        return "person"

    async def do(self, arguments: AskUserArguments, context: ToolContext) -> ToolResult:
        """Reached only when nobody interrupted for an answer."""
        del arguments, context
        raise ToolFailure(f"Nobody is there to answer; {_WITHOUT}.")


def option_list(options: str | None) -> tuple[str, ...]:
    """Suggested answers of the call, a line each, without bullets. Pure."""
    lines = (re.sub(r"^\s*(?:[-*+•]|\d+[.)]|\[.?\])\s*", "", line).strip() for line in (options or "").split("\n"))
    return tuple(line for line in lines if line)


def answer_text(question: str, answer: str | None) -> ToolResult:
    """The tool result made of a person's answer; None or blank means that there was none. Pure."""
    said = (answer or "").strip()
    if not said:
        return ToolResult(
            "The person gave no answer; decide yourself and say in the end what you assumed.", "no answer"
        )
    return ToolResult(f"The person answered: {said}", f"{' '.join(question.split())[:80]}: {said[:80]}")
