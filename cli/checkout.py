"""The commit that this program was made from, where that can be known: a checkout, or a package installed from one."""

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from agent.json_types import as_object, as_text, parse_object

ROOT = Path(__file__).resolve().parent.parent
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def commit(root: Path = ROOT) -> str:
    """The commit's hash, "" where nobody knows. Changes that are not committed are not seen."""
    return _checked_out(root) or _installed()


def _checked_out(root: Path) -> str:
    """HEAD of the repository at `root`, read without running git."""
    folder = root / ".git"
    try:
        if folder.is_file():
            folder = root / folder.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref:"):
            return _hash(head)
        name = head.removeprefix("ref:").strip()
        common = folder / "commondir"
        home = folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder
        if (home / name).is_file():
            return _hash((home / name).read_text(encoding="utf-8").strip())
        lines = (home / "packed-refs").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((_hash(line.split(" ")[0]) for line in lines if line.endswith(f" {name}")), "")


def _installed() -> str:
    """What pip notes of a package that it installed from a repository (PEP 610)."""
    try:
        noted = distribution("qwright").read_text("direct_url.json")
        return _hash(as_text(as_object((parse_object(noted or "") or {}).get("vcs_info")).get("commit_id")))
    except (PackageNotFoundError, OSError, json.JSONDecodeError):
        return ""


def _hash(text: str) -> str:
    return text if _COMMIT.fullmatch(text) else ""
