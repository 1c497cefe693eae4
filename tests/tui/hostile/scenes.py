"""For each widget of the terminal app: the widget with hostile text in every place where it takes text from outside."""

import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from rich.text import Text
from textual.app import App
from textual.widget import Widget

from agent.events import ApprovalAsked, CallFinished, CallStarted, ContentDelta, QuestionAsked, TurnStarted
from agent.permissions.rules import rule_of
from agent.permissions.suggest import Suggestion
from tests.fakes.host import ScriptedHost
from tests.tui.hostile.stage import EVIL
from tui.approval.always import Always
from tui.approval.card import ApprovalCard
from tui.approval.question import QuestionCard
from tui.approval.rules_screen import RulesScreen
from tui.commands.command import Command
from tui.commands.help_screen import HelpScreen
from tui.conversation.answer_view import AnswerView
from tui.conversation.line_view import LineView
from tui.conversation.thought_view import ThoughtView
from tui.conversation.tool_view import ToolView
from tui.conversation.user_view import UserView
from tui.conversation.view import Conversation
from tui.host import Opened
from tui.model.blocks import AnswerBlock, NoticeBlock, ThoughtBlock, ToolBlock, UserBlock
from tui.past.choice import Answer, ChoiceScreen
from tui.past.commit_screen import CommitScreen
from tui.past.diff_screen import DiffScreen
from tui.past.host import CommitDraft, Diff, FileLine
from tui.past.picker import PickerRow, PickerScreen
from tui.prompt.area import PromptArea
from tui.prompt.completion import Choice
from tui.prompt.editor import PromptEditor
from tui.prompt.history import History
from tui.prompt.history_screen import HistoryScreen
from tui.prompt.popup import Popup
from tui.prompt.queue_view import QueueView
from tui.status.line import StatusLine

Scene: TypeAlias = Callable[[App[None]], Awaitable[None]]

# Entities become characters after all text was looked at.
MARKDOWN = f"{EVIL}\n\n# {EVIL}\n- {EVIL} &#x202e;&#8203;\n\n`{EVIL}`\n\n[{EVIL}](http://x/{EVIL})"
DIFF = f"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-{EVIL}\n+{EVIL} new\n {EVIL}\n"
APPROVAL = ApprovalAsked(
    "c", "bash", json.dumps({"command": EVIL}), EVIL, (EVIL, EVIL), (Suggestion(EVIL, f"bash: {EVIL}"),), ""
)


def mounted(*make: Callable[[], Widget]) -> Scene:
    async def scene(app: App[None]) -> None:
        await app.mount(*(one() for one in make))

    return scene


def tool(name: str, arguments: dict[str, str], diff: str = "") -> Callable[[], Widget]:
    block = ToolBlock("c", name, json.dumps(arguments), "ok", f"{EVIL}\n{EVIL}", EVIL, diff, 0.1)
    return lambda: ToolView(block)


async def conversation(app: App[None]) -> None:
    shown = Conversation()
    await app.mount(shown)
    call = CallFinished("c", EVIL, False, EVIL, EVIL, "", 0.1)
    await shown.take([TurnStarted("s", EVIL), ContentDelta(EVIL), CallStarted("c", EVIL, EVIL), call])


async def prompt_area(app: App[None]) -> None:
    command = Command("evil", EVIL, argument=EVIL)
    area = PromptArea(ScriptedHost(), lambda: [command], lambda: None)
    await app.mount(area)
    area.editor.write("/ev")


async def editor(app: App[None]) -> None:
    written = PromptEditor(Popup())
    await app.mount(written)
    written.write(EVIL)


async def history(app: App[None]) -> None:
    past = History()
    past.load([EVIL])
    await app.push_screen(HistoryScreen(past, lambda text: None))


async def popup(app: App[None]) -> None:
    shown = Popup()
    await app.mount(shown)
    shown.offer([Choice(EVIL, EVIL, EVIL), Choice("x", "", "x")])


async def queue(app: App[None]) -> None:
    shown = QueueView()
    await app.mount(shown)
    shown.show([EVIL], [EVIL])


async def rules(app: App[None]) -> None:
    host = ScriptedHost()
    host.granted = [("project", rule_of("allow", f"edit: {EVIL}"))]
    await app.push_screen(RulesScreen(host))


async def status(app: App[None]) -> None:
    shown = StatusLine(lambda: 0.0)
    await app.mount(shown)
    shown.opened(Opened(EVIL, f"x/{EVIL.replace('/', '|')}{EVIL}", 1000, EVIL, EVIL))
    shown.rest(EVIL)


async def picker(app: App[None]) -> None:
    await app.push_screen(PickerScreen(EVIL, [PickerRow("k", EVIL, EVIL, EVIL)], lambda key: None))


async def choice(app: App[None]) -> None:
    await app.push_screen(ChoiceScreen(Text(EVIL), [Answer(EVIL, "/x")], lambda text: None))


async def commit(app: App[None]) -> None:
    await app.push_screen(CommitScreen(CommitDraft(EVIL, [EVIL], [EVIL]), lambda text: None))


async def diff(app: App[None]) -> None:
    await app.push_screen(DiffScreen(EVIL, Diff(f"diff --git a/x b/x\n{DIFF}", [FileLine(EVIL, 1, 1)])))


async def help_screen(app: App[None]) -> None:
    await app.push_screen(HelpScreen([Command("evil", EVIL, argument=EVIL, group="Custom")]))


async def approval(app: App[None]) -> None:
    await app.push_screen(ApprovalCard(APPROVAL))


async def question(app: App[None]) -> None:
    await app.push_screen(QuestionCard(QuestionAsked("c", EVIL, (EVIL, EVIL))))


SCENES: dict[type[Widget], Scene] = {
    Always: mounted(lambda: Always(APPROVAL.suggestions)),
    AnswerView: mounted(
        lambda: AnswerView(AnswerBlock(f"{EVIL}\n\n# {EVIL}\n- {EVIL} &#x202e;&#8203;\n\n`{EVIL}`", done=True))
    ),
    ApprovalCard: approval,
    ChoiceScreen: choice,
    CommitScreen: commit,
    Conversation: conversation,
    DiffScreen: diff,
    HelpScreen: help_screen,
    HistoryScreen: history,
    LineView: mounted(lambda: LineView(NoticeBlock(EVIL, "fault"))),
    PickerScreen: picker,
    Popup: popup,
    PromptArea: prompt_area,
    PromptEditor: editor,
    QuestionCard: question,
    QueueView: queue,
    RulesScreen: rules,
    StatusLine: status,
    ThoughtView: mounted(lambda: ThoughtView(ThoughtBlock(EVIL, EVIL))),
    ToolView: mounted(
        tool("bash", {"command": EVIL}),
        tool("str_replace_editor", {"command": EVIL, "path": EVIL}, DIFF),
        tool("search", {"pattern": EVIL}),
        tool(EVIL, {EVIL: EVIL}),
    ),
    UserView: mounted(lambda: UserView(UserBlock(EVIL))),
}
