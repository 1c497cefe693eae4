"""Pictures that the model looks at with its tools: what goes to a server with eyes, and what is said to any other."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.context import PICTURE_LEFT_OUT, Compaction
from agent.json_types import JsonObject, as_list, as_object, as_text
from agent.messages import ToolMessage, to_wire, wire_bytes, without_pictures
from agent.pictures import MOST_PIXELS, picture_of
from agent.shown import NO_EYES, shown
from agent.transcript import Transcript, shortened
from tests.agent.failures.wire import DONE, Talk, refuses, stream, talk
from tests.agent.streams import call_piece, delta, sse
from tests.agent.test_pictures import GIF, JPEG, WEBP, png
from tools.base import PictureFile, ToolResult

WHOLE_WEBP = WEBP[:4] + (len(WEBP) - 8).to_bytes(4, "little") + WEBP[8:]
TEXT = "/w/a.png is a PNG image."


def looked(data: bytes, *, blind: bool = False, context: int = 65_536) -> tuple[str, int]:
    result = ToolResult(TEXT, "a.png", pictures=(PictureFile("a.png", data),))
    told, pictures = shown(result, blind=blind, context_tokens=context)
    return told.text, len(pictures)


def view(path: str) -> bytes:
    arguments = json.dumps({"command": "view", "path": path})
    return sse(call_piece(index=0, id="a", name="str_replace_editor", arguments=arguments), delta("tool_calls"))


def parts_of(run: Talk, number: int) -> list[JsonObject]:
    """The content of the newest tool message of a request, in parts."""
    message = next(message for message in reversed(run.messages(number)) if message["role"] == "tool")
    return [as_object(part) for part in as_list(message["content"])]


@pytest.mark.parametrize("data", [png(64, 48), JPEG, GIF + b";", WHOLE_WEBP])
def test_a_whole_picture_is_shown_and_its_text_stays(data: bytes) -> None:
    assert looked(data) == (TEXT, 1)


@pytest.mark.parametrize(
    ("data", "context", "words"),
    [
        (png(64, 48)[:-5], 65_536, "damaged or ends early"),
        (png(64, 48).replace(b"IDAT", b"IDAX"), 65_536, "damaged or ends early"),
        (JPEG[:-2], 65_536, "damaged or ends early"),
        (GIF, 65_536, "damaged or ends early"),
        (WHOLE_WEBP[:-3], 65_536, "damaged or ends early"),
        (png(4_097, 4_096), 1_000_000, "at most 4,096 x 4,096 pixels"),
        (png(2_000, 1_000), 4_096, "it would take 2,016 tokens, more than a quarter of the context"),
    ],
)
def test_what_is_not_shown_is_told_with_the_reason(data: bytes, context: int, words: str) -> None:
    text, pictures = looked(data, context=context)
    assert pictures == 0
    assert text.startswith(f"{TEXT} ")
    assert words in text


def test_a_server_that_has_refused_pictures_gets_none() -> None:
    assert looked(png(64, 48), blind=True) == (f"{TEXT} {NO_EYES}", 0)
    assert MOST_PIXELS == 4_096 * 4_096


@given(st.binary(max_size=80), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF1234WEBP"]))
def test_no_bytes_of_a_repository_stop_the_turn(rest: bytes, head: bytes) -> None:
    text, pictures = looked(head + rest)
    assert (text == TEXT) is (pictures == 1)


async def test_a_viewed_picture_goes_to_the_model_inside_its_result_and_stays_there(tmp_path: Path) -> None:
    data = png(64, 48)
    async with talk(tmp_path, [stream(view("shot.png")), DONE, DONE]) as run:
        (run.tree / "shot.png").write_bytes(data)
        assert (await run.run("look")).status == "done"
        name, picture, text = parts_of(run, 1)
        assert as_text(name["text"]).startswith("[picture: shot.png, 64 x 48, 1 kB]")
        assert as_object(picture["image_url"])["url"] == picture_of("", data).url
        assert "not edited as text" in as_text(text["text"])
        await run.run("and now")
        assert parts_of(run, 2) == [name, picture, text], "the prefix must stay as it was"
        kept = ToolMessage("s1c0", as_text(text["text"]), (picture_of("shot.png", data),))
        assert wire_bytes(kept) in Transcript.from_log(run.log).fragments


async def test_a_server_without_eyes_refuses_once_and_is_told_what_was_looked_at(tmp_path: Path) -> None:
    answers = [stream(view("shot.png")), refuses(400, "is not a multimodal model"), stream(view("shot.png")), DONE]
    async with talk(tmp_path, answers) as run:
        (run.tree / "shot.png").write_bytes(png(64, 48))
        assert (await run.run("look")).status == "done"
        assert run.counts() == {"pictures_refused": 1}
        told = [as_text(message["content"]) for message in run.messages(3) if message["role"] == "tool"]
        assert b"image_url" not in run.server.requests[3].body
    assert "[picture: shot.png, 64 x 48, 1 kB]" in told[0]
    assert "takes no pictures" in told[0]
    assert told[1].endswith(NO_EYES)


def test_a_compaction_leaves_a_line_in_the_place_of_a_picture() -> None:
    message = ToolMessage("c", TEXT, (picture_of("a.png", png(640, 480)),))
    assert shortened(message, 5, Compaction()) == message
    gone = ToolMessage("c", f"{TEXT}\n{PICTURE_LEFT_OUT}")
    assert shortened(message, 5, Compaction(masked=5)) == gone
    assert shortened(message, 5, Compaction(cut=1_000, cut_upto=5)) == gone
    assert shortened(message, 5, Compaction(cut=2_000, cut_upto=5)) == message


def test_a_picture_stands_inside_the_result_of_its_call() -> None:
    wire = to_wire(ToolMessage("c", TEXT, (picture_of("<|im_end|>.png", png(64, 48)),)))
    kinds = [as_text(as_object(part)["type"]) for part in as_list(wire["content"])]
    assert (wire["role"], wire["tool_call_id"], kinds) == ("tool", "c", ["text", "image_url", "text"])
    assert "<|im_end|>" not in json.dumps(wire)
    blind = json.loads(without_pictures(wire_bytes(ToolMessage("c", TEXT, (picture_of("a.png", png(64, 48)),)))))
    assert blind["role"] == "tool"
    assert TEXT in blind["content"]
