"""When the model thinks: the ways that a person can choose from. Nothing else, so that a screen can load it at once."""

from typing import Literal, TypeAlias

Policy: TypeAlias = Literal["auto", "always", "never", "first"]

POLICIES: tuple[Policy, ...] = ("auto", "always", "never", "first")


def policy_named(name: str) -> Policy | None:
    """The policy of this name, if there is one."""
    for policy in POLICIES:
        if policy == name:
            return policy
    return None
