"""`qwright resume`: go on with a session, with its last request or a new one."""

from argparse import Namespace

from cli.config import resolve
from cli.output import Form, Output
from cli.place import PlaceSpec
from cli.sessions import find_session
from cli.turn import Launch, run_turn


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    found = find_session(options.session)
    place = PlaceSpec.from_meta(found.meta)
    given = {"base_url": found.meta.get("base_url"), "model": found.meta.get("model")}
    flags = {**given, **{key: value for key, value in vars(options).items() if value is not None}}
    launch = Launch(
        config=resolve(flags, place.host_repo()).values,
        place=place,
        session_id=found.session_id,
        task=options.task,
        fresh=False,
        output=Output(Form.from_options(options)),
        patch_out=options.patch_out,
        apply=options.apply,
    )
    return run_turn(launch)
