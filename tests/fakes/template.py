"""The Qwen3.5 chat template in Python, and the tokens of what it renders: what a server makes of a request."""

import json
import re
from functools import lru_cache

from agent import tokens
from agent.json_types import JsonObject, JsonValue, as_list, as_object, as_text

SPECIAL = re.compile(r"(<\|im_start\|>|<\|im_end\|>|</?think>|</?tool_call>|</?tool_response>)")
HEAD = "<|im_start|>system\n# Tools\n\nYou have access to the following functions:\n\n<tools>"
RULES = (
    "\n</tools>\n\nIf you choose to call a function ONLY reply in the following format with NO suffix:\n\n<tool_call>\n"
    "<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n</parameter>\n"
    "<parameter=example_parameter_2>\nThis is the value for the second parameter\nthat can span\nmultiple lines\n"
    "</parameter>\n</function>\n</tool_call>\n\n<IMPORTANT>\nReminder:\n"
    "- Function calls MUST follow the specified format: an inner <function=...></function> block must be nested within "
    "<tool_call></tool_call> XML tags\n- Required parameters MUST be specified\n"
    "- You may provide optional reasoning for your function call in natural language BEFORE the function call, but NOT "
    "after\n- If there is no function call available, answer the question like normal with your current knowledge and "
    "do not tell the user about function calls\n</IMPORTANT>"
)


def count(rendered: str) -> int:
    """Tokens; a control token is one. What stood in an earlier prompt is not counted again."""
    return sum(1 if SPECIAL.fullmatch(part) else _counted(part) for part in SPECIAL.split(rendered) if part)


@lru_cache(maxsize=4096)
def _counted(part: str) -> int:
    return tokens.count(part)


def render(request: JsonObject) -> str:
    """The prompt of a chat request. Raises `ValueError` where the template or the history is wrong."""
    messages = [as_object(message) for message in as_list(request.get("messages"))]
    tools = "".join(f"\n{json.dumps(tool, ensure_ascii=False)}" for tool in as_list(request.get("tools")))
    query = _last_query(messages)
    parts = [f"{HEAD}{tools}{RULES}\n\n{_content(messages[0])}<|im_end|>\n"]
    open_calls = 0
    for index, message in enumerate(messages[1:], 1):
        role = as_text(message.get("role"))
        if role != "tool" and open_calls > 0:
            raise ValueError(f"message {index} leaves {open_calls} calls without a result")
        if role == "tool":
            if open_calls <= 0:
                raise ValueError(f"message {index} is a result without a call")
            first = messages[index - 1].get("role") != "tool"
            last = index + 1 == len(messages) or messages[index + 1].get("role") != "tool"
            start = "<|im_start|>user" if first else ""
            end = "<|im_end|>\n" if last else ""
            parts.append(f"{start}\n<tool_response>\n{_content(message)}\n</tool_response>{end}")
            open_calls -= 1
        elif role == "user":
            parts.append(f"<|im_start|>user\n{_content(message)}<|im_end|>\n")
        elif role == "assistant":
            parts.append(_assistant(message, with_reasoning=index > query))
            open_calls = len(as_list(message.get("tool_calls")))
        else:
            raise ValueError(f"message {index} has the role {role!r}")
    if open_calls:
        raise ValueError(f"the last {open_calls} calls have no result")
    thinking = as_object(request.get("chat_template_kwargs")).get("enable_thinking")
    return (
        "".join(parts) + "<|im_start|>assistant\n" + ("<think>\n\n</think>\n\n" if thinking is False else "<think>\n")
    )


def spoken(reasoning: str | None, content: str, calls: list[tuple[str, JsonObject]]) -> str:
    """An answer as the model writes it, behind the prompt; `reasoning` None when thinking is off."""
    thought = "" if reasoning is None else f"{reasoning}\n</think>\n\n"
    return thought + content + _calls(calls, behind_text=bool(content)) + "<|im_end|>"


def _last_query(messages: list[JsonObject]) -> int:
    for index in range(len(messages) - 1, -1, -1):
        text = _content(messages[index])
        wrapped = text.startswith("<tool_response>") and text.endswith("</tool_response>")
        if messages[index].get("role") == "user" and not wrapped:
            return index
    raise ValueError("No user query found in messages.")


def _content(message: JsonObject) -> str:
    return as_text(message.get("content")).strip()


def _assistant(message: JsonObject, *, with_reasoning: bool) -> str:
    reasoning = as_text(message.get("reasoning")).strip()
    thought = f"<think>\n{reasoning}\n</think>\n\n" if with_reasoning else ""
    functions = [as_object(as_object(call).get("function")) for call in as_list(message.get("tool_calls"))]
    calls = [(as_text(item.get("name")), as_object(json.loads(as_text(item.get("arguments"))))) for item in functions]
    content = _content(message)
    return f"<|im_start|>assistant\n{thought}{content}{_calls(calls, behind_text=bool(content))}<|im_end|>\n"


def _calls(calls: list[tuple[str, JsonObject]], *, behind_text: bool) -> str:
    written = [
        f"<tool_call>\n<function={name}>\n{''.join(map(_argument, given.items()))}</function>\n</tool_call>"
        for name, given in calls
    ]
    return ("\n\n" if behind_text and written else "") + "\n".join(written)


def _argument(given: tuple[str, JsonValue]) -> str:
    name, value = given
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"<parameter={name}>\n{text}\n</parameter>\n"
