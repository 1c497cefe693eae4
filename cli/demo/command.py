"""The demo from its first line to its last: ground, repository, server, the turn, the check, what to do next."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agent.events import Notice
from cli import exit_codes
from cli.config import Config, resolve
from cli.demo import material, words
from cli.demo.check import check
from cli.demo.ground import choose
from cli.demo.recorded import bundled
from cli.demo.server import serving
from cli.errors import CommandError
from cli.output import Output
from cli.paths import new_session_id
from cli.place import PlaceSpec
from cli.turn import Launch, run_turn
from sandboxes.errors import SandboxError

# About the pace of a large model on one node: slow enough to watch, quick enough not to wait.
PACE_S = 0.012


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    output = Output("text", show_reasoning=True)
    say = words.Words(sys.stdout, output.colour)
    live = options.base_url is not None
    config = configured(options, live)
    say.introduction(live)
    with _sandbox_errors(), tempfile.TemporaryDirectory(prefix="qwright-demo-") as name:
        directory = Path(name)
        place = PlaceSpec.from_config(config, str(directory / material.NAME))
        wanted = options.sandbox or ("docker" if live else None)
        ground = asyncio.run(choose(wanted, place.image, lambda note: output.sink(Notice(note))))
        config = config.model_copy(update={"sandbox": ground.sandbox})
        place = PlaceSpec.from_config(config, str(asyncio.run(material.lay_out(directory))))
        with _model(config, live, 0.0 if options.fast else PACE_S) as (base_url, model):
            say.facts(model, ground)
            code, patch = _turn(config.model_copy(update={"base_url": base_url}), place, directory, output)
        if code != exit_codes.DONE:
            return code
        say.checking()
        checked = asyncio.run(check(place, patch, directory))
    say.verdict(checked)
    if not checked.green:
        return exit_codes.FAILED
    say.farewell(live)
    return exit_codes.DONE


def configured(options: Namespace, live: bool) -> Config:
    """The user's configuration when their server is asked; of it only what concerns the sandbox when a recording is."""
    flags = {"base_url": options.base_url, "model": options.model, "image": options.image}
    users = resolve(flags, None).values
    if live:
        return users.model_copy(update={"workspace": "copy"})
    kept = {key: getattr(users, key) for key in ("image", "memory_gb", "cpus")}
    return Config.model_validate(kept)


def _turn(config: Config, place: PlaceSpec, directory: Path, output: Output) -> tuple[int, bytes]:
    """The task, exactly as `qwright run` does one; gives its exit code and the patch."""
    patch = directory / "patch"
    launch = Launch(
        config=config,
        place=place,
        session_id=new_session_id(),
        task=material.TASK,
        fresh=True,
        output=output,
        patch_out=patch,
    )
    code = run_turn(launch)
    return code, patch.read_bytes() if patch.exists() else b""


@contextmanager
def _model(config: Config, live: bool, pace_s: float) -> Generator[tuple[str, str]]:
    """The model's URL, and a sentence about it."""
    if live:
        yield config.base_url, f"yours, at {config.base_url}"
        return
    recording = bundled()
    with serving(recording, pace_s) as base_url:
        yield base_url, f"a recording of vLLM {recording.server_version}, replayed at {base_url}"


@contextmanager
def _sandbox_errors() -> Generator[None]:
    try:
        yield
    except SandboxError as error:
        raise CommandError(str(error), exit_codes.SANDBOX) from error
