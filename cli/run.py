"""`qwright run`: one task, in a new session."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from cli.attached import attached
from cli.errors import UsageError
from cli.given import values
from cli.output import Form, Output
from cli.paths import new_session_id
from cli.place import IMAGE_PREFIX, PlaceSpec
from cli.settled import settled
from cli.turn import Launch, run_turn
from sandboxes.errors import WorkspaceError
from sandboxes.tree.sources import HostSource, locate


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    task = task_text(options.task, options.task_file)
    form = Form.from_options(options)
    check_repository(options.repo)
    project = None if options.repo.startswith(IMAGE_PREFIX) else Path(options.repo)
    config = settled(vars(options), project).values
    place = PlaceSpec.from_config(config, options.repo)
    check_flags(options, place)
    launch = Launch(
        config=config,
        place=place,
        session_id=new_session_id(),
        task=task,
        fresh=True,
        output=Output(form),
        patch_out=options.patch_out,
        apply=options.apply,
        person=form.person(options),
        given=values(config.env, os.environ),
        thinking=options.thinking,
        pictures=attached(options.attach or (), Path.cwd()),
    )
    return run_turn(launch)


def check_flags(options: Namespace, place: PlaceSpec) -> None:
    """Raises `UsageError` for flags that could do nothing, or not what they say, at this place."""
    inside, bound = place.host_repo() is None, place.workspace == "bind"
    if inside and bound:
        raise UsageError("--workspace bind needs a repository on this machine; one inside an image is always copied.")
    if inside and options.apply:
        raise UsageError("--apply needs a repository on this machine; for one inside an image use --patch-out FILE.")
    if bound and options.apply:
        raise UsageError("--apply has nothing to do with --workspace bind: the tree itself is edited. Leave one out.")
    if place.sandbox == "local":
        limits = {"image": options.image, "network": options.network, "memory": options.memory_gb, "cpus": options.cpus}
        if named := [f"--{name}" for name, value in limits.items() if value is not None]:
            raise UsageError(
                f"{' and '.join(named)}: --sandbox local isolates and limits nothing, so this cannot be had there. "
                "Leave it out, or use --sandbox docker."
            )


def check_repository(repo: str) -> None:
    """Raises `UsageError` when there is nothing to work on, before anything is started."""
    if not repo.startswith(IMAGE_PREFIX):
        try:
            locate(HostSource(Path(repo).expanduser()))
        except WorkspaceError as error:
            raise UsageError(str(error)) from error


def task_text(task: str | None, task_file: Path | None) -> str:
    """The task from the argument, standard input ("-") or a file. Raises `UsageError` unless there is exactly one."""
    if (task is None) == (task_file is None):
        raise UsageError('Give the task as an argument, as in qwright run "fix the failing test", or with --task-file.')
    if task_file is not None:
        try:
            text = task_file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise UsageError(f"The task file {task_file} cannot be read ({error.strerror}).") from error
    else:
        text = sys.stdin.read() if task == "-" else task or ""
    if not text.strip():
        raise UsageError("The task is empty.")
    return text.strip()
