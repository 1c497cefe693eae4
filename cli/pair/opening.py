"""From options to the host of the app: a new session, or an earlier one again."""

from argparse import Namespace
from pathlib import Path

from cli.config import resolve
from cli.errors import UsageError
from cli.pair.again import is_here, spec_of
from cli.pair.host import PairHost
from cli.pair.spec import PairSpec
from cli.paths import new_session_id
from cli.place import PlaceSpec
from cli.run import check_repository
from cli.sessions import SessionRow, all_sessions, find_session


def host_for(options: Namespace) -> PairHost | None:
    """The session that the options ask for; None when a person was to choose one and chose none."""
    if options.go_on:
        return PairHost(spec_of(last_here(options.repo), options))
    if options.resume is not None:
        chosen = options.resume or chosen_from_list(options.repo)
        return PairHost(spec_of(find_session(chosen), options)) if chosen else None
    check_repository(options.repo)
    resolved = resolve(vars(options), Path(options.repo))
    config = resolved.values
    if resolved.sources["workspace"] == "default":
        config = config.model_copy(update={"workspace": "bind"})
    return PairHost(PairSpec(config, PlaceSpec.from_config(config, options.repo), new_session_id(), fresh=True))


def last_here(repo: str) -> SessionRow:
    """The session that was last active in this directory or above it. Raises `UsageError` when there is none."""
    here = Path(repo).expanduser().resolve()
    rows = [row for row in all_sessions() if row.task and is_here(row, here)]
    if not rows:
        raise UsageError(f"No session was ever held in {here}; `qwright` begins one, `qwright -r` lists all others.")
    return max(rows, key=lambda row: row.changed)


def chosen_from_list(repo: str) -> str:
    """The id that a person picks on a screen; "" for none."""
    from cli.pair.elsewhere import session_lines
    from tui.past.picker_app import PickerApp

    lines = session_lines(Path(repo).expanduser().resolve())
    if not lines:
        raise UsageError("There is no session yet; `qwright` begins one.")
    return PickerApp(lines).run() or ""
