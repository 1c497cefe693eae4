"""How much a person has allowed the model, in one word."""

from typing import Literal, TypeAlias, get_args

Mode: TypeAlias = Literal["ask", "edits", "auto", "plan"]
Scope: TypeAlias = Literal["session", "project"]
MODES: tuple[Mode, ...] = get_args(Mode)
TITLES: dict[Mode, str] = {
    "ask": "ask",
    "edits": "accept edits",
    "auto": "auto in the sandbox",
    "plan": "plan",
}
PLAN_REMARK = (
    "[harness] Plan mode: nothing may be changed and nothing but looking around may be run. Look at what you need, "
    "then call present_plan with your plan and wait for the person's approval before you change anything."
)


def mode_named(name: str) -> Mode | None:
    """The mode of this name or title, or None."""
    wanted = name.strip().lower()
    return next((mode for mode in MODES if wanted in (mode, TITLES[mode])), None)


def next_mode(mode: Mode) -> Mode:
    """The mode behind this one, round and round."""
    return MODES[(MODES.index(mode) + 1) % len(MODES)]
