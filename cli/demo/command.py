"""The demo from its first line to its last: ground, repository, server, the turn, the check, what to do next."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.events import Notice
from cli import exit_codes
from cli.config import Config
from cli.demo import material, words
from cli.demo.check import check
from cli.demo.ground import choose
from cli.demo.recorded import bundled
from cli.demo.server import serving
from cli.errors import CommandError, UsageError
from cli.output import Form, Output
from cli.paths import new_session_id
from cli.place import PlaceSpec
from cli.render import Detail
from cli.settled import settled
from cli.turn import Launch, run_turn
from sandboxes.container.image_build import DEFAULT_IMAGE
from sandboxes.errors import SandboxError

# About the pace of a large model on one node: slow enough to watch, quick enough not to wait.
PACE_S = 0.012


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    check_flags(options)
    output = Output(Form(detail=Detail(reasoning=True), live=True), err=sys.stdout)
    with _sandbox_errors(), tempfile.TemporaryDirectory(prefix="qwright-demo-") as name:
        return _Demo(options, output, words.Words(sys.stdout, output.colour), Path(name)).run()


@dataclass(frozen=True, slots=True)
class _Demo:
    options: Namespace
    output: Output
    say: words.Words
    directory: Path

    def run(self) -> int:
        live = self.options.base_url is not None
        config = configured(self.options, live)
        self.say.introduction(live)
        # A recording is known to do no harm; a live model is never let loose without isolation unasked.
        wanted = self.options.sandbox or ("docker" if live or self.options.image else None)
        place = PlaceSpec.from_config(config, str(asyncio.run(material.lay_out(self.directory))))
        ground = asyncio.run(choose(wanted, place.image, lambda note: self.output.sink(Notice(note))))
        place = replace(place, sandbox=ground.sandbox)
        with _model(config, live, 0.0 if self.options.fast else PACE_S) as (base_url, model):
            self.say.facts(model, ground)
            config = config.model_copy(update={"base_url": base_url})
            try:
                code, patch = self.turn(config, place)
            except CommandError as error:
                named = wanted is not None or place.image != DEFAULT_IMAGE
                if named or error.exit_code != exit_codes.SANDBOX:
                    raise
                self.say.fallback(str(error))
                place = replace(place, sandbox="local")
                code, patch = self.turn(config, place)
        return code if code != exit_codes.DONE else self.check(place, patch, live)

    def turn(self, config: Config, place: PlaceSpec) -> tuple[int, bytes]:
        """The task, exactly as `qwright run` does one; gives its exit code and the patch."""
        patch = self.directory / "patch"
        launch = Launch(
            config=config,
            place=place,
            session_id=new_session_id(),
            task=material.TASK,
            fresh=True,
            output=self.output,
            patch_out=patch,
        )
        code = run_turn(launch)
        return code, patch.read_bytes() if patch.exists() else b""

    def check(self, place: PlaceSpec, patch: bytes, live: bool) -> int:
        self.say.checking()
        checked = asyncio.run(check(place, patch, self.directory))
        self.say.verdict(checked)
        if not checked.green:
            return exit_codes.FAILED
        self.say.farewell(live)
        return exit_codes.DONE


def check_flags(options: Namespace) -> None:
    """Raises `UsageError` for flags that could do nothing."""
    if options.image and options.sandbox == "local":
        raise UsageError("--image: --sandbox local uses none. Leave one of them out.")
    if options.model and not options.base_url:
        raise UsageError("--model names a model of your own server; give its address with --base-url.")
    if options.fast and options.base_url:
        raise UsageError("--fast concerns the recording; a model of your own takes the time that it takes.")


def configured(options: Namespace, live: bool) -> Config:
    """The user's configuration when their server is asked; of it only what concerns the sandbox when a recording is."""
    flags = {"base_url": options.base_url, "model": options.model, "image": options.image}
    users = settled(flags, None).values
    if live:
        return users.model_copy(update={"workspace": "copy"})
    kept = {key: getattr(users, key) for key in ("image", "memory_gb", "cpus")}
    return Config.model_validate(kept)


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
