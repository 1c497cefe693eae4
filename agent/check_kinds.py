"""The kinds of checks, for fronts that must not load the engine to name them."""

from typing import Literal, TypeAlias

CheckKind: TypeAlias = Literal["lint", "test"]
KINDS: tuple[CheckKind, ...] = ("lint", "test")


def kind_named(name: str) -> CheckKind | None:
    """The kind of this name, or None."""
    return next((kind for kind in KINDS if kind == name), None)
