"""How an earlier session is taken up again."""

import os
from argparse import Namespace
from pathlib import Path

from cli.config import resolve
from cli.errors import SessionGone
from cli.given import names
from cli.pair.spec import PairSpec
from cli.place import PlaceSpec
from cli.sessions.rows import SessionRow


def is_here(row: SessionRow, here: Path) -> bool:
    """Whether a session works on this directory or one above it."""
    repo = str(row.meta.get("repo", ""))
    return repo.startswith("/") and here.is_relative_to(repo)


def spec_of(row: SessionRow, options: Namespace | None = None) -> PairSpec:
    """How to take up a session: its place is the one it had, its server too unless another is named."""
    place = PlaceSpec.from_meta(row.meta)
    repo = place.host_repo()
    if place.workspace == "bind" and (repo is None or not repo.is_dir()):
        raise SessionGone(f"The session works on the tree {repo} itself, which is gone. Bring it back to go on.")
    given = {"base_url": row.meta.get("base_url"), "model": row.meta.get("model")}
    flags = {key: value for key, value in vars(options).items() if value is not None} if options else {}
    config = resolve({**given, **flags}, repo).values
    missing = [name for name in place.env if name not in os.environ and name not in names(config.env)]
    if missing:
        raise SessionGone(f"The session's sandbox was given {', '.join(missing)}; set it here too, then try again.")
    return PairSpec(config, place, row.session_id, fresh=False)
