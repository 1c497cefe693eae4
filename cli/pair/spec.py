"""What the terminal app is to open."""

from dataclasses import dataclass

from cli.config import Config
from cli.place import PlaceSpec


@dataclass(frozen=True, slots=True)
class PairSpec:
    """What to open: a new session in `place`, or (`fresh` False) the one with this id again."""

    config: Config
    place: PlaceSpec
    session_id: str
    fresh: bool
