"""From a turn that waits to a person's answer, through the card that fits."""

from typing import TYPE_CHECKING

from agent.approvals import Answer
from tui.approval.card import ApprovalCard
from tui.approval.question import QuestionCard
from tui.session_app import SessionApp

if TYPE_CHECKING:
    from agent.session import Outcome


async def decision(app: SessionApp, outcome: "Outcome") -> Answer | None:
    """What the person says; None where the turn waits for nothing. Only within a worker."""
    if outcome.approval is not None:
        return await app.push_screen_wait(ApprovalCard(outcome.approval, app.clock))
    if outcome.question is not None:
        return await app.push_screen_wait(QuestionCard(outcome.question, app.clock))
    return None
