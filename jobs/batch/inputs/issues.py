"""Plain issues: a text and a repository. A GitHub issue is fetched only because its URL was given."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from agent.json_types import as_text, parse_object
from jobs.batch.errors import BatchError
from jobs.batch.rows import RESERVED

SUFFIXES = (".md", ".txt")
API = "https://api.github.com"
WORKDIR = "/workspace"
_MOST_BYTES = 4_000_000
_TIMEOUT_S = 30.0
_URL = re.compile(r"https://github\.com/([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)/issues/(\d+)/?(?:[?#].*)?")
_UNFIT = re.compile(r"[^A-Za-z0-9._+-]+")


def is_issue_url(named: str) -> bool:
    """Whether it is a GitHub issue's address."""
    return _URL.fullmatch(named) is not None


def rows(named: str, repo: str, image: str, api: str = API) -> list[dict[str, object]]:
    """A row for each issue. Raises `BatchError`."""
    if match := _URL.fullmatch(named):
        owner, name, number = match.groups()
        text = _fetched(f"{api}/repos/{owner}/{name}/issues/{number}")
        home = repo or f"https://github.com/{owner}/{name}.git"
        return [_row(f"{owner}__{name}-{number}", text, home, image)]
    if not repo:
        raise BatchError(f"{named} is an issue's text; name its repository with --repo (a path or a URL).")
    return [_row(_id_of(path), _text(path), repo, image) for path in _files(Path(named).expanduser())]


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and file.is_file())
        if not found:
            raise BatchError(f"{path} holds neither tasks of SWE-bench nor issues ({', '.join(SUFFIXES)}).")
        yield from found
    else:
        yield path


def _id_of(path: Path) -> str:
    name = _UNFIT.sub("-", path.stem).strip("-.") or "issue"
    return f"issue-{name}" if name.casefold() in RESERVED else name


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BatchError(f"The issue {path} cannot be read ({error}).") from error


def _row(instance_id: str, text: str, repo: str, image: str) -> dict[str, object]:
    local = "://" not in repo and not re.match(r"[\w.-]+@[\w.-]+:", repo)
    home = str(Path(repo).expanduser().resolve()) if local else repo
    row: dict[str, object] = {"instance_id": instance_id, "problem_statement": text, "base_commit": "HEAD"}
    return {**row, "image": image, "workdir": WORKDIR, "host_repository": home}


def _fetched(url: str) -> str:
    """Title and text of an issue by GitHub's API, without any key. Raises `BatchError`."""
    request = urllib.request.Request(url, headers={"Accept": "application/vnd.github+json", "User-Agent": "qwright"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            issue = parse_object(answer.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise BatchError(f"{url} answers {error.code}; is the issue public, and is its number right?") from error
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise BatchError(f"{url} cannot be reached ({error}); save the issue's text as a .md file.") from error
    if not issue or not as_text(issue.get("title")):
        raise BatchError(f"{url} gave no issue: {json.dumps(issue)[:200]}.")
    return f"{as_text(issue['title'])}\n\n{as_text(issue.get('body'))}".strip()
