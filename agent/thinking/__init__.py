"""Whether the model thinks at the next step, why, and with what budget: pure, one table, one decision a step."""

from agent.policies import POLICIES, Policy, policy_named
from agent.thinking.budgets import BudgetKind, Budgets
from agent.thinking.policy import decide
from agent.thinking.signals import (
    DIRECT_SAMPLING,
    THINKING_SAMPLING,
    Fault,
    Outcome,
    Sampling,
    Signals,
    StepMode,
)

__all__ = [
    "DIRECT_SAMPLING",
    "POLICIES",
    "THINKING_SAMPLING",
    "BudgetKind",
    "Budgets",
    "Fault",
    "Outcome",
    "Policy",
    "Sampling",
    "Signals",
    "StepMode",
    "decide",
    "policy_named",
]
