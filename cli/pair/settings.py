"""Settings that a person changes on the screen, kept in their configuration."""

import os

from cli.config import ENVIRONMENT_PREFIX
from cli.paths import config_file
from serving.serve.errors import SettingsError
from serving.serve.settings import write_values
from tui.host import HostFailed


def keep_setting(key: str, value: str) -> str:
    """See `Host.keep_setting`. Raises `HostFailed` when the file cannot be edited safely."""
    try:
        write_values(config_file(), {key: value})
    except SettingsError as error:
        raise HostFailed(f"It holds for this session only: {error}", "usage") from error
    variable = f"{ENVIRONMENT_PREFIX}{key.upper()}"
    above = f"; {variable} is set in the environment and goes before it" if os.environ.get(variable) else ""
    return f"Kept in {config_file()}{above}."
