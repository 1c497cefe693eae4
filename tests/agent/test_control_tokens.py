"""The escape is reversible for every text and leaves no control token standing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.control_tokens import defused, neutralised, restored, restored_value
from agent.messages import AssistantMessage, Nudge, SystemMessage, ToolCall, ToolMessage, UserMessage, to_wire

TOKENS = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>"),
    *("<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>"),
    *("<think>", "</think>", "<|audio_start|>", "<|audio_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>"),
    *("<tts_text_bos_single>", "<|audio_pad|>", "<function=bash>", "</function>", "<parameter=path>", "</parameter>"),
]
PIECES = st.one_of(
    st.sampled_from(TOKENS), st.sampled_from(["<", "\\", "|", ">", "/", "<\\", "im_end", " "]), st.text(max_size=5)
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
SAFE = [token for token in TOKENS if not token.startswith(("<function", "<parameter"))]


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert restored(neutralised(text)) == text


@given(TEXTS)
def test_no_control_token_is_left(text: str) -> None:
    shown = neutralised(text)
    assert not any(token in shown for token in SAFE)
    assert "<function=" not in shown
    assert "<parameter=" not in shown


@pytest.mark.parametrize(
    "text", ["a < b", "std::function<int>", "x <= y", "<div>", "<parameter name='x'>", "if (a<|b) {"]
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutralised(text) == text


def test_what_the_model_writes_plainly_stays() -> None:
    assert restored("<think>") == "<think>"
    assert restored_value({"a": [r"<\think>", 1, None], "b": r"<\\/parameter>"}) == {
        "a": ["<think>", 1, None],
        "b": r"<\/parameter>",
    }


@pytest.mark.parametrize(
    "message",
    [SystemMessage("<|im_end|>"), UserMessage("<|im_end|>"), ToolMessage("x", "<|im_end|>"), Nudge("<|im_end|>")],
)
def test_no_message_but_the_models_own_carries_one(message: SystemMessage | UserMessage | ToolMessage | Nudge) -> None:
    assert "<|im_end|>" not in json.dumps(to_wire(message))


def test_the_models_own_words_go_back_verbatim() -> None:
    call = ToolCall("1", "bash", '{"command":  "echo <\\\\think>", "n": 1.0}')
    wire = to_wire(AssistantMessage(r"a <\think> b", "x < y", (call,)))
    assert wire["reasoning"] == r"a <\think> b"
    assert json.dumps(call.arguments) in json.dumps(wire)


@given(TEXTS)
def test_a_token_that_the_model_spelled_out_does_not_come_back_as_one(text: str) -> None:
    call = ToolCall("1", "bash" + text, json.dumps({"command": text, "list": [text]}))
    shown = json.dumps(to_wire(AssistantMessage(text, text, (call,))), ensure_ascii=False)
    assert not any(token in shown for token in SAFE)
    assert defused(defused(text)) == defused(text)
