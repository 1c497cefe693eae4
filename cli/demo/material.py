"""The demo's repository and task."""

import asyncio
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from sandboxes.tree.gitcmd import run_git

NAME = "durations"
TASK = "The tests fail: format_duration writes 60s where a minute is due. Find the cause, fix it and run the tests."
TEST_COMMAND = "python3 -m unittest"

_AUTHOR = ("-c", "user.name=qwright demo", "-c", "user.email=demo@qwright.invalid", "-c", "commit.gpgSign=false")


async def lay_out(directory: Path) -> Path:
    """A fresh repository with its one commit below `directory`; gives its path. Raises `WorkspaceError` without git."""
    repo = directory / NAME
    await asyncio.to_thread(copy_files, repo)
    await run_git("init", "--quiet", "--initial-branch=main", git_dir=None, cwd=repo)
    await run_git("add", "--all", git_dir=None, cwd=repo)
    await run_git(*_AUTHOR, "commit", "--quiet", "--message=Read and write durations", git_dir=None, cwd=repo)
    return repo


def copy_files(target: Path) -> None:
    """Write the repository's files; those of the same name in `target` are replaced."""
    # Installers compile what they install; the copies would count as files of the repository.
    unwanted = shutil.ignore_patterns("__pycache__")
    with as_file(files("cli.demo").joinpath("repository")) as source:
        shutil.copytree(source, target, ignore=unwanted, dirs_exist_ok=True)
    (target / "gitignore").rename(target / ".gitignore")


def restore_tests(repo: Path) -> None:
    """Put the tests back as they were, so that a check asks what was asked at the start."""
    with as_file(files("cli.demo").joinpath("repository", "tests")) as source:
        shutil.rmtree(repo / "tests", ignore_errors=True)
        shutil.copytree(source, repo / "tests", ignore=shutil.ignore_patterns("__pycache__"))
