"""`qwright config`: what is set, and where each value came from."""

from argparse import Namespace
from pathlib import Path

from cli.config import PROJECT_FILE, commented_defaults, shown
from cli.errors import UsageError
from cli.paths import config_file, state_dir
from cli.printing import one_line
from cli.settled import settled


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    match options.action:
        case "path":
            places = {"user": config_file(), "project": Path.cwd() / PROJECT_FILE, "state": state_dir()}
            for name, path in places.items():
                print(f"{name:<8} {one_line(str(path), 4096)}")
        case "init":
            _init(config_file())
        case _:
            resolved = settled({}, Path.cwd())
            for key, source in resolved.sources.items():
                value = getattr(resolved.values, key)
                print(f"{key:<22} {shown(key, value):<34} {one_line(source, 4096)}")
    return 0


def _init(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists already; edit it, or remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(commented_defaults(), encoding="utf-8")
    print(f"Wrote {path}.")
