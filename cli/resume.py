"""`qwright resume`: go on with a session, with its last request or a new one."""

import os
from argparse import Namespace
from dataclasses import replace

from cli.errors import UsageError
from cli.given import names, values
from cli.output import Form, Output
from cli.place import PlaceSpec
from cli.sessions.rows import find_session
from cli.settled import settled
from cli.turn import Launch, run_turn


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    form = Form.from_options(options)
    found = find_session(options.session)
    place = PlaceSpec.from_meta(found.meta)
    check_repository(place, apply=options.apply)
    given = {"base_url": found.meta.get("base_url"), "model": found.meta.get("model")}
    flags = {**given, **{key: value for key, value in vars(options).items() if value is not None}}
    config = settled(flags, place.host_repo()).values
    # The session kept names only; a value comes from a flag, the user's file, or the environment again.
    wanted = {name: name for name in place.env} | dict(zip(names(config.env), config.env, strict=True))
    launch = Launch(
        config=config,
        place=replace(place, env=tuple(wanted)),
        session_id=found.session_id,
        task=options.task,
        fresh=False,
        output=Output(form),
        patch_out=options.patch_out,
        apply=options.apply,
        person=form.person(options),
        given=values(wanted.values(), os.environ),
        thinking=options.thinking,
    )
    return run_turn(launch)


def check_repository(place: PlaceSpec, *, apply: bool) -> None:
    """Raises `UsageError` when the session needs a directory that is gone: a copy needs none but to apply the patch."""
    repo = place.host_repo()
    if repo is None or repo.is_dir():
        if apply and repo is None:
            raise UsageError(
                "--apply needs a repository on this machine; for one inside an image use --patch-out FILE."
            )
        if apply and place.workspace == "bind":
            raise UsageError("--apply: this session edits the tree itself, there is nothing to apply. Leave it out.")
        return
    if place.workspace == "bind":
        raise UsageError(f"The session works on the tree {repo} itself, which is gone. Bring it back to go on.")
    if apply:
        raise UsageError(f"--apply: the repository {repo} is gone. Leave it out, or use --patch-out FILE.")
