"""This folder's rows of the table of commands."""

from tui.commands.command import AppActions, Command
from tui.conversation.keys import KEYS


async def page_up(app: AppActions, argument: str) -> None:
    """Show what stands above."""
    app.conversation.scroll_page_up(animate=False)


async def page_down(app: AppActions, argument: str) -> None:
    """Show what stands below."""
    app.conversation.scroll_page_down(animate=False)


CONVERSATION_COMMANDS: tuple[Command, ...] = (
    Command("", "scroll the conversation up, from the prompt too", page_up, group="Conversation", key="pageup"),
    Command("", "scroll it down; at its end it follows what comes", page_down, group="Conversation", key="pagedown"),
    Command("", "from the prompt into the conversation; the keys below hold there", group="Conversation", key="tab"),
    *(Command("", row.help, group="Conversation", key=row.key) for row in KEYS),
)
