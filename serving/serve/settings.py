"""Single values in a TOML file of the user's: everything else in it stays, byte for byte."""

import json
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from serving.serve.errors import SettingsError

_TABLE = re.compile(r"^\s*\[")
_COMMENT_AFTER = re.compile(r"""^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#]*?)(\s*#.*)$""")


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with these top-level strings set: replaced where they stand, else put in at their commented default.

    Raises `SettingsError` when that cannot be done without a change of anything else.
    """
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"it is not valid TOML ({error})") from error
    lines = text.splitlines(keepends=True)
    for key, value in values.items():
        lines = _with_value(lines, key, json.dumps(value, ensure_ascii=False))
    changed = "".join(lines)
    try:
        after = tomllib.loads(changed)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("its values are written in a way that cannot be edited safely") from error
    if after != before | dict(values):
        raise SettingsError("its values are written in a way that cannot be edited safely")
    return changed


def _with_value(lines: list[str], key: str, literal: str) -> list[str]:
    end = next((n for n, line in enumerate(lines) if _TABLE.match(line)), len(lines))
    assigned = re.compile(rf"^(\s*(?:{re.escape(key)}|\"{re.escape(key)}\")\s*=\s*)(.*?)(\r?\n?)$")
    for n in range(end):
        if found := assigned.match(lines[n]):
            comment = _COMMENT_AFTER.match(found[2])
            return [*lines[:n], f"{found[1]}{literal}{comment[1] if comment else ''}{found[3]}", *lines[n + 1 :]]
    new = f"{key} = {literal}\n"
    commented = re.compile(rf"^\s*#\s*{re.escape(key)}\s*=")
    place = next((n + 1 for n in range(end) if commented.match(lines[n])), None)
    if place is None:
        # Before the first table, and after the blank line that would otherwise part it from its comment.
        place = end
        while place and not lines[place - 1].strip():
            place -= 1
    if place and not lines[place - 1].endswith("\n"):
        lines = [*lines[: place - 1], lines[place - 1] + "\n", *lines[place:]]
    return [*lines[:place], new, *lines[place:]]


def write_values(path: Path, values: Mapping[str, str]) -> bool:
    """Set top-level strings of the file, made if there is none, in one step; False when they stood there already.

    A symbolic link stays one: what it points to is replaced. Raises `SettingsError` with what to write by hand.
    """
    by_hand = ", ".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
    target = path.resolve()
    try:
        old = target.read_bytes().decode() if target.exists() else ""
        changed = with_values(old, values)
        if changed == old:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, changed.encode())
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{path} was left as it is: {reason}. Write into it yourself: {by_hand}.") from error
    return True


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(name, stat.S_IMODE(target.stat().st_mode))
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
