"""Pictures that a person names in a request: `@shot.png`, `@"my shot.png"`. Pure."""

import re
import shlex
from urllib.parse import unquote, urlsplit

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_MENTION = re.compile(r'(?:\A|(?<=[\s("\'`]))@(?:"([^"\n]+)"|([^\s@"]+))')


def is_picture(path: str) -> bool:
    """Whether a name is one of a picture that can be sent."""
    return path.lower().endswith(SUFFIXES)


def pictures_in(text: str) -> tuple[str, ...]:
    """The paths of the pictures that a text names, each once, in order."""
    found = (quoted or plain.rstrip(".,;:!?)'`") for quoted, plain in _MENTION.findall(text))
    return tuple(dict.fromkeys(path for path in found if is_picture(path)))


def mention(path: str) -> str:
    """A path as it is named in a request."""
    return f'@"{path}"' if re.search(r"[\s@]", path) else f"@{path}"


def dropped(text: str) -> str:
    """The picture that a terminal pasted as a path, quoted or as a URL, because its file was dropped; "" for others."""
    try:
        words = shlex.split(text)
    except ValueError:
        return ""
    if len(words) != 1:
        return ""
    path = words[0]
    if path.startswith("file://"):
        path = unquote(urlsplit(path).path)
    return path if is_picture(path) and path.startswith(("/", "~/")) and '"' not in path and "\n" not in path else ""
