"""Pictures that a tool looked at: whether the model gets to see them, and what it reads where it does not."""

import zlib
from dataclasses import replace

from agent.pictures import MOST_PIXELS, Picture, PictureRefused, picture_of
from tools.base import PictureFile, ToolResult

# A picture that fills more of the context than this leaves too little for the work on it.
MOST_SHARE = 1 / 4
NO_EYES = "This server takes no pictures, so you cannot see it. Say so if you need to."
_PNG_HEAD = 8


def shown(result: ToolResult, *, blind: bool, context_tokens: int) -> tuple[ToolResult, tuple[Picture, ...]]:
    """The result with a sentence for each picture that cannot be sent, and those that can.

    `blind`: the server has refused pictures; `context_tokens` is what it has, 0 where unknown.
    """
    pictures: list[Picture] = []
    notes: list[str] = []
    for file in result.pictures:
        try:
            pictures.append(_picture(file, blind=blind, context_tokens=context_tokens))
        except PictureRefused as refused:
            notes.append(str(refused))
    return replace(result, text=" ".join([result.text, *notes])) if notes else result, tuple(pictures)


def _picture(file: PictureFile, *, blind: bool, context_tokens: int) -> Picture:
    if blind:
        raise PictureRefused(NO_EYES)
    picture = picture_of(file.name, file.data)
    size = f"{picture.width} x {picture.height}"
    if not _is_whole(picture, file.data):
        raise PictureRefused(f"It cannot be shown: {file.name} is damaged or ends early.")
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureRefused(f"It cannot be shown at {size}; view a copy of at most 4,096 x 4,096 pixels.")
    if context_tokens and picture.tokens > context_tokens * MOST_SHARE:
        raise PictureRefused(
            f"It is not shown: at {size} it would take {picture.tokens:,} tokens, more than a quarter of the context. "
            "View a smaller copy."
        )
    return picture


def _is_whole(picture: Picture, data: bytes) -> bool:
    """Whether a file has its end, and a PNG every checksum right.

    A server that cannot read a picture refuses the request, and looks just like one that takes no pictures at all.
    """
    match picture.media_type:
        case "image/png":
            return _is_whole_png(data)
        case "image/jpeg":
            return b"\xff\xd9" in data[-65_536:]
        case "image/webp":
            return len(data) >= int.from_bytes(data[4:8], "little") + 8
        case _:
            return b";" in data[-16:]


def _is_whole_png(data: bytes) -> bool:
    """Chunks of length, kind, data and checksum, up to IEND (PNG specification, 5.3)."""
    at = _PNG_HEAD
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + length
        if int.from_bytes(data[end : end + 4], "big") != zlib.crc32(data[at + 4 : end]) or end + 4 > len(data):
            return False
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at = end + 4
    return False
