"""The tools of a session in their fixed order, their form on the wire, and the way in for a call's arguments."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import cast

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from tools.ask_user import AskUser
from tools.base import Arguments, Tool, ToolFailure, prompt_text
from tools.bash import Bash
from tools.present_plan import PresentPlan
from tools.search import Search
from tools.str_replace_editor import StrReplaceEditor
from tools.submit import Submit
from tools.task_list import TaskList

AnyTool = Tool[Arguments]
_SHOWN_VALUE = 80


def toolset(*, person: bool) -> tuple[AnyTool, ...]:
    """All tools, always in the same order; `ask_user` and `present_plan` only when a person is there to answer."""
    asking: tuple[AnyTool, ...] = (AskUser(), PresentPlan()) if person else ()
    return (Bash(), StrReplaceEditor(), Search(), TaskList(), *asking, Submit())


def wire_schema(tools: tuple[AnyTool, ...]) -> list[dict[str, JsonValue]]:
    """The `tools` value of a chat request: the same bytes for the same tools, keys in a fixed order, nothing extra."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": prompt_text(tool.name),
                "parameters": parameters_schema(tool.arguments),
            },
        }
        for tool in tools
    ]


def parameters_schema(arguments: type[Arguments]) -> dict[str, JsonValue]:
    """A plain JSON schema of an argument class: type, enum and description of each field, and which are required."""
    schema = cast("dict[str, JsonValue]", arguments.model_json_schema())
    fields = cast("dict[str, dict[str, JsonValue]]", schema.get("properties", {}))
    required = [name for name, field in arguments.model_fields.items() if field.is_required()]
    return {
        "type": "object",
        "properties": {name: _plain(field) for name, field in fields.items()},
        "required": cast("JsonValue", required),
    }


def parse_arguments(tool: AnyTool, arguments: Mapping[str, object]) -> Arguments:
    """Check a call's arguments; raises `ToolFailure` with one sentence about the first thing that is wrong."""
    names = list(tool.arguments.model_fields)
    given = {name.strip(): value for name, value in arguments.items() if name.strip()}
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ToolFailure(_unknown(tool.name, unknown[0], names))
    optional = {name for name, field in tool.arguments.model_fields.items() if not field.is_required()}
    given = {name: value for name, value in given.items() if value is not None or name not in optional}
    try:
        return tool.arguments.model_validate(given)
    except ValidationError as error:
        raise ToolFailure(_sentence(tool, error.errors(include_url=False)[0])) from None


def _plain(field: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """One field without titles, defaults and the "or null" of an optional."""
    choices = field.get("anyOf")
    core = field
    if isinstance(choices, list):
        core = next(choice for choice in choices if isinstance(choice, dict) and choice.get("type") != "null")
    plain: dict[str, JsonValue] = {"type": core.get("type", "string")}
    if "enum" in core:
        plain["enum"] = core["enum"]
    if "description" in field:
        plain["description"] = field["description"]
    return plain


def _unknown(tool: str, name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    meant = f" Did you mean {close[0]}?" if close else ""
    listed = ", ".join(names) or "none"
    return f"{tool} has no argument {name[:_SHOWN_VALUE]!r}; its arguments are {listed}.{meant} Nothing was done."


def _sentence(tool: AnyTool, error: ErrorDetails) -> str:
    """What is wrong with one argument, what was sent, and what is allowed."""
    name = str(error["loc"][0]) if error["loc"] else "the call"
    if error["type"] == "missing" and len(error["loc"]) == 1:
        needed = [other for other, field in tool.arguments.model_fields.items() if field.is_required()]
        return f"{tool.name} needs the argument {name} (required: {', '.join(needed)}); nothing was done."
    sent = repr(error["input"])
    sent = sent if len(sent) <= _SHOWN_VALUE else sent[:_SHOWN_VALUE] + "…"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if error["type"] in ("literal_error", "int_parsing", "int_type", "string_type", "tuple_type", "int_from_float"):
        field = parameters_schema(tool.arguments)["properties"]
        message = _allowed(field, name) or message
    return f"The argument {name} of {tool.name} is {sent}, but must be {message}; nothing was done."


def _allowed(fields: JsonValue, name: str) -> str:
    field = fields.get(name) if isinstance(fields, dict) else None
    if not isinstance(field, dict):
        return ""
    values = field.get("enum")
    if isinstance(values, list):
        return "one of " + ", ".join(f'"{value}"' for value in values)
    return {"integer": "a whole number", "string": "a string"}.get(str(field.get("type")), "")
