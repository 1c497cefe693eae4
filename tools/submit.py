"""The call that ends a task with the working tree as its result."""

from pydantic import Field

from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolResult, TypedTool


class SubmitArguments(Arguments):
    """Arguments of `submit`."""

    summary: edges.OptionalText = Field(default=None, description="What was done and how it was checked, briefly.")


class Submit(TypedTool[SubmitArguments]):
    """End the task."""

    name = "submit"
    arguments = SubmitArguments

    def effect_of(self, arguments: SubmitArguments) -> Effect:
        """Submitting finishes the task."""
        del arguments
        return "finish"

    async def do(self, arguments: SubmitArguments, context: ToolContext) -> ToolResult:
        """Say that the task ended; taking the result is the engine's part."""
        del context
        summary = (arguments.summary or "").strip()
        return ToolResult("Submitted: the working tree as it is now is the result.", summary or "submitted")
