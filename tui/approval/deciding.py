"""From a turn that waits to a person's answer, through the card that fits."""

from typing import TYPE_CHECKING

from textual.app import App

from agent.approvals import Answer
from tui.approval.card import ApprovalCard
from tui.approval.question import QuestionCard

if TYPE_CHECKING:
    from agent.session import Outcome


async def decision(app: App[int], outcome: "Outcome") -> Answer | None:
    """What the person says; None where the turn waits for nothing. Only within a worker."""
    if outcome.approval is not None:
        return await app.push_screen_wait(ApprovalCard(outcome.approval))
    if outcome.question is not None:
        return await app.push_screen_wait(QuestionCard(outcome.question))
    return None
