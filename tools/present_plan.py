"""The plan that the model presents in plan mode. The engine interrupts for the person's approval."""

from pydantic import Field

from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolResult, TypedTool

APPROVED = "The person approves the plan. Plan mode is over: carry the plan out now."
NO_PLAN_MODE = "This is not plan mode, so no plan needs approval. Go on with the work itself."


class PresentPlanArguments(Arguments):
    """Arguments of `present_plan`."""

    plan: edges.Text = Field(description="The plan in Markdown: what will be changed, where, how it will be checked.")


class PresentPlan(TypedTool[PresentPlanArguments]):
    """Show a plan and wait for leave to carry it out."""

    name = "present_plan"
    arguments = PresentPlanArguments

    def effect_of(self, arguments: PresentPlanArguments) -> Effect:
        """A person has to act."""
        del arguments
        return "person"

    async def do(self, arguments: PresentPlanArguments, context: ToolContext) -> ToolResult:
        """Reached only when the person has approved."""
        del arguments, context
        return ToolResult(APPROVED, "plan approved")
