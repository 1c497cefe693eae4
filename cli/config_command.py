"""`qwright config`: what is set, and where each value came from."""

from argparse import Namespace
from pathlib import Path

from cli.config import PROJECT_FILE, commented_defaults, shown
from cli.errors import UsageError
from cli.paths import config_file, state_dir
from cli.settled import settled


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    match options.action:
        case "path":
            print(f"user     {config_file()}\nproject  {Path.cwd() / PROJECT_FILE}\nstate    {state_dir()}")
        case "init":
            _init(config_file())
        case _:
            resolved = settled({}, Path.cwd())
            for key, source in resolved.sources.items():
                value = getattr(resolved.values, key)
                print(f"{key:<22} {shown(key, value):<34} {source}")
    return 0


def _init(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists already; edit it, or remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(commented_defaults(), encoding="utf-8")
    print(f"Wrote {path}.")
