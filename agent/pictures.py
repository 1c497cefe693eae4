"""Pictures of a request: read once, kept in the log, sent as OpenAI's image parts, shown to people as a line.

What a server takes is known only when it answers: one that takes no pictures gets their lines instead
(`agent.nodes.retry`). A picture fills ceil(w/32) x ceil(h/32) tokens, within the bounds of Qwen3.5's processor
(preprocessor_config.json: patches of 16, two by two merged, 65,536 to 16,777,216 pixels).
"""

import base64
import binascii
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import AgentError
from agent.json_types import JsonObject, JsonValue, as_count, as_list, as_object, as_text

# vLLM reads them whole into memory, and the log keeps each once.
MOST_BYTES = 20_000_000
MOST_PICTURES = 20
TOKEN_SIDE = 32
CHARACTERS_PER_TOKEN = 4
LEAST_PIXELS, MOST_PIXELS = 65_536, 16_777_216
_HEADS = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
)


class PictureRefused(AgentError):
    """A file that cannot be sent as a picture; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. `base64_text` is its file; width and height in pixels, as a person sees it."""

    name: str
    media_type: str
    width: int
    height: int
    base64_text: str

    @property
    def line(self) -> str:
        """What people, and models without eyes, get to read of it."""
        return f"{self.name}, {self.width} x {self.height}, {_size(len(self.base64_text) * 3 // 4)}"

    @property
    def tokens(self) -> int:
        """What it takes in a prompt."""
        pixels = max(self.width * self.height, 1)
        scale = math.sqrt(min(max(pixels, LEAST_PIXELS), MOST_PIXELS) / pixels)
        return math.ceil(self.width * scale / TOKEN_SIDE) * math.ceil(self.height * scale / TOKEN_SIDE)

    @property
    def characters(self) -> int:
        """How long a text would be that takes as much of a prompt."""
        return self.tokens * CHARACTERS_PER_TOKEN

    @property
    def url(self) -> str:
        """A data URL."""
        return f"data:{self.media_type};base64,{self.base64_text}"


def picture_of(name: str, data: bytes) -> Picture:
    """A picture from its file. Raises `PictureRefused`."""
    media_type = next((kind for at, head, kind in _HEADS if data.startswith(head, at)), None)
    if media_type is None:
        raise PictureRefused(f"{name} is no PNG, JPEG, GIF or WebP file; convert it to one of these.")
    if len(data) > MOST_BYTES:
        most = _size(MOST_BYTES)
        raise PictureRefused(f"{name} has {_size(len(data))}; at most {most} can be sent. Make it smaller.")
    import imagesize

    try:
        width, height = imagesize.get(io.BytesIO(data))  # pyright: ignore[reportUnknownMemberType]  # open type of a path
    except (ValueError, OSError):
        width = height = 0
    if width < 1 or height < 1:
        raise PictureRefused(f"{name} is damaged: its header names no size. Save it again.")
    return Picture(name, media_type, width, height, base64.b64encode(data).decode())


def pictures_to_json(pictures: Sequence[Picture]) -> JsonValue:
    """For a log entry."""
    return [
        {
            "name": picture.name,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "base64": picture.base64_text,
        }
        for picture in pictures
    ]


def pictures_from(entry: JsonObject) -> tuple[Picture, ...]:
    """The pictures of a log entry."""
    return tuple(
        Picture(
            as_text(item.get("name")),
            as_text(item.get("media_type")),
            as_count(item.get("width")),
            as_count(item.get("height")),
            as_text(item.get("base64")),
        )
        for item in map(as_object, as_list(entry.get("pictures")))
    )


def part_tokens(part: JsonObject) -> int:
    """Tokens of an image part on the wire, read back from its data URL; 0 for any other part."""
    url = as_text(as_object(part.get("image_url")).get("url"))
    head, _, data = url.partition(";base64,")
    if not data or not head.startswith("data:image/"):
        return 0
    try:
        return picture_of("", base64.b64decode(data)).tokens
    except (PictureRefused, binascii.Error):
        return 0


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(count, 1000) / 1e3:.0f} kB"
