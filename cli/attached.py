"""Pictures from files of this machine, named on the command line or by a person in the prompt."""

from collections.abc import Sequence
from pathlib import Path

from agent.pictures import MOST_BYTES, MOST_PICTURES, Picture, PictureRefused, picture_of
from cli.errors import UsageError


def attached(paths: Sequence[str], directory: Path) -> tuple[Picture, ...]:
    """The pictures of these paths, which are absolute, in `~`, or in the directory. Raises `UsageError`."""
    if len(paths) > MOST_PICTURES:
        raise UsageError(f"{len(paths)} pictures in one request; at most {MOST_PICTURES} can be sent.")
    return tuple(_read(path, directory) for path in paths)


def _read(path: str, directory: Path) -> Picture:
    file = directory / Path(path).expanduser()
    try:
        if not file.is_file():
            raise UsageError(f"There is no picture {file}.")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        return picture_of(file.name, data)
    except OSError as error:
        raise UsageError(f"The picture {file} cannot be read ({error.strerror}).") from error
    except PictureRefused as error:
        raise UsageError(str(error)) from error
