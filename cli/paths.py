"""Where qwright keeps things: the platform's places, or `QWRIGHT_STATE_DIR` and `QWRIGHT_CONFIG_DIR`."""

import os
import time
from pathlib import Path


def state_dir() -> Path:
    """Sessions and the log file."""
    if override := os.environ.get("QWRIGHT_STATE_DIR"):
        return Path(override)
    from platformdirs import user_state_path

    return user_state_path("qwright", appauthor=False)


def config_file() -> Path:
    """The user's configuration."""
    if override := os.environ.get("QWRIGHT_CONFIG_DIR"):
        return Path(override) / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("qwright", appauthor=False) / "config.toml"


def sessions_dir() -> Path:
    """One folder per session."""
    return state_dir() / "sessions"


def session_dir(session_id: str) -> Path:
    """The folder of a session: `log.sqlite` and the workspace's snapshots."""
    return sessions_dir() / session_id


def new_session_id() -> str:
    """Time and chance: sorts by age, unique enough for one machine."""
    import secrets

    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
