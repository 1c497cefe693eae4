"""What is asked even where a container isolates: what leaves it, and what nobody could bring back."""

import posixpath
from dataclasses import dataclass

from agent.permissions.parts import Part
from agent.permissions.rules import wide_forms

_PUBLISHING: tuple[tuple[str, ...], ...] = (
    ("git", "push"), ("git", "send-email"), ("npm", "publish"), ("yarn", "publish"), ("pnpm", "publish"),
    ("cargo", "publish"), ("twine", "upload"), ("uv", "publish"), ("poetry", "publish"), ("flit", "publish"),
    ("docker", "push"), ("podman", "push"), ("gem", "push"), ("gh",), ("glab",), ("hub",), ("ssh",), ("scp",),
    ("sftp",), ("rsync",), ("ftp",), ("nc",), ("ncat",), ("netcat",), ("socat",), ("telnet",), ("mail",),
    ("sendmail",), ("aws",), ("gcloud",), ("az",), ("kubectl",), ("helm",), ("terraform",), ("heroku",),
    ("fly",), ("vercel",), ("netlify",),
)  # fmt: skip
_UPLOADS = ("-d", "--data", "-F", "--form", "-T", "--upload-file", "-X", "--request", "--json", "--post", "--method",
            "--body", "-K", "--config")  # fmt: skip
_REMOVING = {"rm", "shred", "unlink", "srm"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls run. `isolated`: in a container; `network`: it reaches others; `bound`: it is the own tree."""

    isolated: bool = True
    network: bool = False
    bound: bool = False
    workdir: str = "/workspace"


def risk(part: Part, place: Place) -> str:
    """Why a part is asked in the sandbox, as the end of a sentence; "" when it is not."""
    if place.network and part.kind == "run" and _publishes(part):
        return "it sends something out of the sandbox, which cannot be taken back"
    if place.bound and part.kind == "run" and _destroys(part, place.workdir):
        return "it may delete files of yours that are in no commit and no snapshot"
    return ""


def uncertain(place: Place) -> bool:
    """Whether a line that is not understood could do something that would be asked for."""
    return place.network or place.bound or not place.isolated


def _publishes(part: Part) -> bool:
    forms = wide_forms(part)
    if any(form[: len(words)] == words for form in forms for words in _PUBLISHING):
        return True
    uploads = part.program in ("curl", "wget", "http", "https", "xh")
    return uploads and any(word.startswith(_UPLOADS) for word in part.literal[1:])


def _destroys(part: Part, workdir: str) -> bool:
    """Whether ignored files, which no snapshot has, may go: a whole tree, hidden files, whatever a variable names."""
    words = [word for word in wide_forms(part)[1][1:]]
    if part.program == "git":
        plain = wide_forms(part)[2]
        flags = "".join(word[1:] for word in plain[2:] if word.startswith("-") and not word.startswith("--"))
        return plain[1:2] == ("clean",) and bool({"x", "X"} & set(flags))
    if part.program == "find":
        return "-delete" in words
    if part.program not in _REMOVING:
        return False
    return any(_precious(word, workdir) for word in words if not word.startswith("-"))


def _precious(word: str, workdir: str) -> bool:
    if "$" in word or "`" in word or word == "…":
        return True
    path = posixpath.normpath(word)
    if path in (".", "..", "/", "*", ".*", "~", "./*", workdir) or path.startswith(("../", "~/")):
        return True
    inner = path.removeprefix(f"{workdir}/")
    if inner.startswith("/"):
        return False
    top = inner.split("/", 1)[0]
    return top in ("*", "**") or posixpath.basename(inner).startswith((".env", ".*", ".?", ".["))
