"""The one table of commands and keys. To add one: write a function like those in `basic.py`, add a row, `make docs`."""

from agent.permissions.modes import MODES
from agent.policies import POLICIES
from tui.approval import commands as trust
from tui.commands import basic, prompting
from tui.commands.command import Command
from tui.commands.init import init
from tui.conversation.table import CONVERSATION_COMMANDS
from tui.panels.table import PANEL_COMMANDS
from tui.past.table import PAST_COMMANDS
from tui.project import commands as project
from tui.themes.commands import theme
from tui.themes.names import THEMES

COMMANDS: tuple[Command, ...] = (
    Command("help", "all commands and keys", basic.show_help, aliases=("?",), argument="[word]", key="f1"),
    Command(
        "clear",
        "a new session on the same tree; this one is kept",
        basic.clear,
        aliases=("new",),
        when="idle",
    ),
    Command(
        "reopen",
        "open this session anew: settings, server and sandbox as they are by now",
        basic.reopen,
        when="idle",
    ),
    Command(
        "suspend",
        "back to the shell, which keeps qwright in the background; `fg` brings it back",
        basic.suspend,
        key="ctrl+z",
    ),
    Command("quit", "close the session; it can be resumed", basic.leave, aliases=("exit", "q"), key="ctrl+d"),
    Command(
        "compact",
        "make room in the model's context; with a focus, what to keep",
        basic.compact,
        group="Context",
        argument="[focus]",
        when="idle",
    ),
    *PANEL_COMMANDS,
    *PAST_COMMANDS,
    Command(
        "thinking",
        "when the model thinks, from the next request on; without a word, the next way",
        basic.thinking,
        group="Model",
        argument=f"[{'|'.join(POLICIES)}]",
        choices=POLICIES,
        key="ctrl+t",
    ),
    Command(
        "mode",
        "what the model may do without asking, from its next call on; without a word, the next mode",
        trust.mode,
        group="Trust",
        argument=f"[{'|'.join(MODES)}]",
        choices=MODES,
        key="shift+tab",
    ),
    Command("permissions", "the rules of what runs without asking; removes them too", trust.permissions, group="Trust"),
    Command(
        "theme",
        "other colours, now and from the next start on; without a name, the next theme",
        theme,
        group="Screen",
        argument=f"[{'|'.join(THEMES)}]",
        choices=THEMES,
    ),
    Command("copy", "the last answer into the clipboard", basic.copy, group="Prompt"),
    Command(
        "shell",
        "run a command in the sandbox; the model reads its output with your next request. `!command` is the same",
        prompting.shell,
        group="Prompt",
        argument="COMMAND",
        when="idle",
    ),
    Command(
        "history", "search earlier requests on this project", prompting.search_history, group="Prompt", key="ctrl+r"
    ),
    Command(
        "paste", "name the picture in the clipboard; a text is pasted", prompting.paste, group="Prompt", key="ctrl+v"
    ),
    Command("editor", "write the request in $VISUAL or $EDITOR", prompting.edit_outside, group="Prompt", key="ctrl+g"),
    Command(
        "checks",
        "what runs after edits, and whose failures go to the model; `on` accepts what the project's file says",
        project.checks,
        group="Context",
        argument="[lint COMMAND|test COMMAND|on|off]",
        choices=("lint", "test", "on", "off"),
    ),
    Command(
        "map",
        "the project in short: files and what they define; `send` hands it to the model with the next request",
        project.show_map,
        group="Context",
        argument="[send] [FOLDER|WORD]",
        choices=("send",),
        when="idle",
    ),
    Command("init", "have the model write AGENTS.md", init, group="Context", argument="[what else]"),
    Command("", "send the request; while a turn runs it waits in the queue", group="Keys", key="enter"),
    Command("", "a new line", group="Keys", key="ctrl+j,shift+enter,alt+enter"),
    Command(
        "",
        "put what is written into the running turn: the model reads it at its next step",
        prompting.steer,
        group="Keys",
        key="ctrl+s",
    ),
    Command(
        "", "in the first line: the last queued request back into the editor, or an earlier one", group="Keys", key="up"
    ),
    Command("", "in the last line: the request after it", group="Keys", key="down"),
    Command("", "take back what was typed; Ctrl+Y brings it again", group="Keys", key="ctrl+underscore"),
    Command("", "take the marked completion of a `/command` or an `@file`", group="Keys", key="tab"),
    Command(
        "",
        "interrupt at once; twice when nothing runs: clear the text, or go back (/rewind)",
        prompting.escape,
        group="Keys",
        key="escape",
    ),
    Command("", "back through the conversation, a page", basic.page_back, group="Keys", key="pageup"),
    Command("", "forth through the conversation, a page", basic.page_forth, group="Keys", key="pagedown"),
    Command("", "interrupt; quit when nothing runs", group="Keys", key="ctrl+c"),
    *CONVERSATION_COMMANDS,
)
