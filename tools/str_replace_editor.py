"""The file tool, in the shape that SWE-agent and Anthropic's reference tools gave it and that Qwen does best with."""

from typing import Annotated, Literal

from pydantic import Field

from tools import edges
from tools.base import Arguments, Effect, ToolContext, ToolResult, TypedTool
from tools.paths import locate
from tools.replacing import str_replace
from tools.viewing import view
from tools.writing import create, insert, undo_edit

Command = Literal["view", "create", "str_replace", "insert", "undo_edit"]


class EditorArguments(Arguments):
    """Arguments of `str_replace_editor`; which ones a command needs is said in its prompt text."""

    command: Annotated[Command, edges.forgiving]
    path: edges.Word = Field(description="Absolute, or relative to the workspace.")
    file_text: edges.OptionalText = Field(default=None, description="create: the whole text of the new file.")
    old_str: edges.OptionalText = Field(default=None, description="str_replace: the text to replace, exact and unique.")
    new_str: edges.OptionalText = Field(default=None, description="str_replace, insert: the new text.")
    insert_line: edges.OptionalWhole = Field(
        default=None, description="insert: line that new_str follows; 0 is the top."
    )
    view_range: edges.OptionalRange = Field(default=None, description='view: "[first, last]", from 1; -1 is the end.')


class StrReplaceEditor(TypedTool[EditorArguments]):
    """View, create and edit files of the workspace."""

    name = "str_replace_editor"
    arguments = EditorArguments

    def effect_of(self, arguments: EditorArguments) -> Effect:
        """`view` reads, every other command writes."""
        return "read" if arguments.command == "view" else "write"

    async def do(self, arguments: EditorArguments, context: ToolContext) -> ToolResult:
        """Check the path, then hand the call to its command."""
        place = await locate(arguments.path, context)
        match arguments.command:
            case "view":
                return await view(place, arguments.view_range, context)
            case "create":
                return await create(place, arguments.file_text, context)
            case "str_replace":
                return await str_replace(place, arguments.old_str, arguments.new_str, context)
            case "insert":
                return await insert(place, arguments.insert_line, arguments.new_str, context)
            case "undo_edit":
                return await undo_edit(place, context)
