"""From options, and what was chosen on a screen, to the session that is to be opened."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from cli.config import Config, Resolved, resolve
from cli.errors import SettingsWrong, UsageError
from cli.pair.again import is_here, spec_of
from cli.pair.host import PairHost
from cli.pair.spec import PairSpec
from cli.paths import new_session_id
from cli.place import PlaceSpec
from cli.run import check_repository
from cli.sessions.rows import SessionRow, all_sessions, find_session
from tui.faces.setup import Choice

_NOTHING = Choice()


def host_for(options: Namespace, choice: Choice = _NOTHING) -> PairHost:
    """The session of this choice, or a new one as the options say. Raises `UsageError`."""
    return PairHost(_earlier(options, choice) or _new(options, choice))


def resolved_for(options: Namespace, choice: Choice) -> Resolved:
    """The configuration with the choice above everything. Raises `SettingsWrong`."""
    flags = {**vars(options), **_chosen(choice)}
    try:
        resolved = resolve(flags, Path(choice.repo or options.repo))
    except UsageError as error:
        raise SettingsWrong(str(error)) from error
    return Resolved(_elsewhere(resolved.values, choice), resolved.sources)


def session_asked_for(options: Namespace) -> str | None:
    """The id of the earlier session that the options mean; "" for a new one, None when a person chose none of a list.

    Raises `UsageError` when there is none.
    """
    if options.go_on:
        return last_here(options.repo).session_id
    if options.resume is None:
        return ""
    return find_session(options.resume).session_id if options.resume else chosen_from_list(options.repo) or None


def _chosen(choice: Choice) -> dict[str, str]:
    return {key: value for key in ("base_url", "model", "sandbox", "image") if (value := getattr(choice, key))}


def _elsewhere(config: Config, choice: Choice) -> Config:
    """The model that was named for one server need not be on another, nor is its key meant for it."""
    if not choice.base_url:
        return config
    return config.model_copy(update={"model": choice.model or None, "api_key": choice.api_key})


def _earlier(options: Namespace, choice: Choice) -> PairSpec | None:
    if not choice.session:
        return None
    given = Namespace(**{**vars(options), **_chosen(choice)})
    spec = spec_of(find_session(choice.session), given)
    place = replace(spec.place, sandbox=choice.sandbox or spec.place.sandbox, image=choice.image or spec.place.image)
    return replace(spec, config=_elsewhere(spec.config, choice), place=place)


def _new(options: Namespace, choice: Choice) -> PairSpec:
    """A new session on the repository's own tree: pair-programming edits in place, inside a sandbox."""
    repo = choice.repo or options.repo
    check_repository(repo)
    resolved = resolved_for(options, choice)
    config = resolved.values
    if resolved.sources["workspace"] == "default":
        config = config.model_copy(update={"workspace": "bind"})
    return PairSpec(config, PlaceSpec.from_config(config, repo), new_session_id(), fresh=True)


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
