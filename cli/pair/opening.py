"""From options to the host of the app."""

from argparse import Namespace
from pathlib import Path

from cli.config import resolve
from cli.pair.host import PairHost, PairSpec
from cli.paths import new_session_id
from cli.place import PlaceSpec
from cli.run import check_repository


def host_for(options: Namespace) -> PairHost:
    """A new session on the repository's own tree: pair-programming edits in place, inside a sandbox."""
    check_repository(options.repo)
    resolved = resolve(vars(options), Path(options.repo))
    config = resolved.values
    if resolved.sources["workspace"] == "default":
        config = config.model_copy(update={"workspace": "bind"})
    return PairHost(PairSpec(config, PlaceSpec.from_config(config, options.repo), new_session_id(), fresh=True))
