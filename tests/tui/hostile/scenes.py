"""For each widget of the terminal app: the widget with hostile text in every place where it takes text from outside."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias, get_args

from rich.text import Text
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from agent.context_use import ContextUse, Part
from agent.events import (
    ApprovalAsked,
    CallFinished,
    CallOutput,
    CallStarted,
    ContentDelta,
    Event,
    FaultHandled,
    Notice,
    QuestionAsked,
    ReasoningDelta,
    Steered,
    StepStarted,
    TurnEnded,
    TurnStarted,
)
from agent.permissions.rules import rule_of
from agent.permissions.suggest import Suggestion
from agent.statistics import Statistics, ToolUse
from tests.fakes.figures import NOW, TURN, USE, ScriptedFigures
from tests.fakes.host import ScriptedHost
from tests.fakes.setup import ScriptedSetup
from tests.tui.hostile.stage import EVIL
from tui.approval.always import Always
from tui.approval.call_text import CallText
from tui.approval.card import ApprovalCard
from tui.approval.keys_line import KeysLine
from tui.approval.question import QuestionCard
from tui.approval.rules_screen import RulesScreen
from tui.commands.command import Command
from tui.commands.help_screen import HelpScreen
from tui.conversation.block_page import page_of
from tui.conversation.diff_page import DiffPage
from tui.conversation.diff_text import diff_lines
from tui.conversation.page_view import PageView
from tui.conversation.pager import Pager
from tui.conversation.view import Conversation
from tui.faces.serving import ServingScreen
from tui.faces.setup import CheckLine
from tui.faces.setup import Choice as SetupChoice
from tui.faces.sure import SureScreen
from tui.faces.trouble import TroubleScreen
from tui.faces.wizard import WizardScreen
from tui.faces.work import WorkScreen
from tui.host import HostFailed
from tui.inspect.host import InstanceLine, PartKind, StepView
from tui.inspect.host import Part as StepPart
from tui.inspect.instance_screen import InstanceScreen
from tui.model.diff_rows import diff_rows
from tui.model.feed import Feed
from tui.opened import Opened
from tui.panels.context_panel import ContextPanel
from tui.panels.server_panel import ServerPanel
from tui.panels.stats_panel import StatsPanel
from tui.past.choice import Answer, ChoiceScreen
from tui.past.commit_screen import CommitScreen
from tui.past.diff_screen import DiffScreen
from tui.past.host import CommitDraft, Diff, FileLine
from tui.past.picker import PickerRow, PickerScreen
from tui.project.host import ProjectMap
from tui.project.map_screen import MapScreen
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


def call(number: int, tool: str, arguments: dict[str, str], diff: str = "") -> list[Event]:
    return [
        CallStarted(str(number), tool, json.dumps(arguments)),
        CallFinished(str(number), tool, False, EVIL, f"{EVIL}\n{EVIL}\n- [>] {EVIL}", diff, 0.1),
    ]


EVENTS: dict[str, list[Event]] = {
    "request": [TurnStarted("s", EVIL, pictures=(EVIL,))],
    "remark": [Steered(EVIL)],
    "thought": [StepStarted(1, True, EVIL), ReasoningDelta(EVIL)],
    "answer": [ContentDelta(MARKDOWN), TurnEnded("done", "", 1)],
    "live": [ContentDelta(MARKDOWN)],
    "bash": call(1, "bash", {"command": EVIL}),
    "edit": call(2, "str_replace_editor", {"command": "str_replace", "path": EVIL}, DIFF),
    "read": call(3, "str_replace_editor", {"command": EVIL, "path": EVIL}),
    "search": call(4, "search", {"pattern": EVIL}),
    "tasks": call(5, "task_list", {"tasks": EVIL}),
    "plan": call(6, "present_plan", {"plan": EVIL}),
    "unknown": call(7, EVIL, {EVIL: EVIL}),
    "broken": [CallStarted("8", EVIL, EVIL), CallOutput("8", EVIL)],
    "asks": [ApprovalAsked("9", EVIL, json.dumps({"command": EVIL}), EVIL)],
    "question": [QuestionAsked("c", EVIL, (EVIL, EVIL))],
    "fault": [FaultHandled(EVIL, EVIL), Notice(EVIL)],
    "end": [TurnEnded("failed", EVIL, 1)],
}


def conversation(name: str) -> Scene:
    async def scene(app: App[None]) -> None:
        shown = Conversation()
        await app.mount(shown)
        await shown.take(EVENTS[name])

    return scene


def pager(name: str) -> Scene:
    async def scene(app: App[None]) -> None:
        feed = Feed()
        for event in EVENTS[name]:
            feed.apply(event)
        await app.push_screen(page_of(feed.blocks[0], None))

    return scene


async def page(app: App[None]) -> None:
    await app.mount(PageView(Text(EVIL)))


async def diff_page(app: App[None]) -> None:
    await app.mount(DiffPage(lambda width, columns: diff_lines(diff_rows(DIFF), width, columns)))


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


class EvilFigures(ScriptedFigures):
    """Names that come from a model, a server, or a file."""

    async def context(self) -> ContextUse:
        return replace(USE, parts=(Part(f"results of {EVIL}", 10, 1), *USE.parts))

    async def stats(self) -> tuple[Statistics, Statistics]:
        hostile = replace(TURN, tools=(ToolUse(EVIL, 1, 1, 1.0),))
        return hostile, hostile


def panel(make: Callable[[ScriptedHost], Screen[None]]) -> Scene:
    async def scene(app: App[None]) -> None:
        host = ScriptedHost()
        host.figures = EvilFigures()
        host.figures.now = replace(NOW, base_url=EVIL, model=EVIL, version=EVIL, own=EVIL)
        await app.push_screen(make(host))

    return scene


class EvilBatch:
    """Implements `tui.inspect.host.InspectHost`."""

    def title(self) -> str:
        return EVIL

    def instances(self) -> Sequence[InstanceLine]:
        return [InstanceLine(EVIL, EVIL, EVIL, 1, 1, 1, 1.0, EVIL)]

    def steps(self, name: str) -> Sequence[StepView]:
        kinds: tuple[PartKind, ...] = get_args(PartKind)
        return [StepView(EVIL, [StepPart(kind, EVIL) for kind in kinds])]

    def patch(self, name: str) -> str:
        return DIFF

    def tests(self, name: str) -> str:
        return EVIL


async def instance(app: App[None]) -> None:
    await app.push_screen(InstanceScreen(EvilBatch(), [EVIL], EVIL))


async def project_map(app: App[None]) -> None:
    await app.push_screen(MapScreen(ProjectMap(f"{EVIL}\n  {EVIL}", 1, 1, 1)))


async def told() -> str:
    return EVIL


async def serving(app: App[None]) -> None:
    await app.push_screen(ServingScreen(ScriptedSetup(fits=EVIL)))


async def work(app: App[None]) -> None:
    setup = ScriptedSetup()
    setup.work = (EVIL, HostFailed(EVIL, "image"))
    await app.push_screen(WorkScreen(EVIL, setup.build_image(), stops=EVIL))


async def sure(app: App[None]) -> None:
    await app.push_screen(SureScreen(EVIL, EVIL))


async def trouble(app: App[None]) -> None:
    await app.push_screen(TroubleScreen(HostFailed(EVIL, "crash"), ScriptedSetup()))


async def wizard(app: App[None]) -> None:
    setup = ScriptedSetup(lines=[CheckLine("warn", EVIL, EVIL, EVIL)])
    await app.push_screen(WizardScreen(setup, SetupChoice(base_url=EVIL, model=EVIL), at_once=True))


async def approval(app: App[None]) -> None:
    await app.push_screen(ApprovalCard(APPROVAL))


async def question(app: App[None]) -> None:
    await app.push_screen(QuestionCard(QuestionAsked("c", EVIL, (EVIL, EVIL))))


SCENES: dict[type[Widget], dict[str, Scene]] = {
    Always: {"": mounted(lambda: Always(APPROVAL.suggestions))},
    ApprovalCard: {"": approval},
    CallText: {"": mounted(lambda: CallText(APPROVAL))},
    ChoiceScreen: {"": choice},
    CommitScreen: {"": commit},
    ContextPanel: {"": panel(ContextPanel)},
    Conversation: {name: conversation(name) for name in EVENTS},
    DiffPage: {"": diff_page},
    DiffScreen: {"": diff},
    HelpScreen: {"": help_screen},
    HistoryScreen: {"": history},
    InstanceScreen: {"": instance},
    KeysLine: {"": mounted(lambda: KeysLine([(EVIL, EVIL)]))},
    MapScreen: {"": project_map},
    PageView: {"": page},
    Pager: {name: pager(name) for name in EVENTS},
    PickerScreen: {"": picker},
    Popup: {"": popup},
    PromptArea: {"": prompt_area},
    PromptEditor: {"": editor},
    QuestionCard: {"": question},
    QueueView: {"": queue},
    RulesScreen: {"": rules},
    ServingScreen: {"": serving},
    ServerPanel: {"": panel(ServerPanel)},
    StatsPanel: {"": panel(StatsPanel)},
    StatusLine: {"": status},
    SureScreen: {"": sure},
    TroubleScreen: {"": trouble},
    WizardScreen: {"": wizard},
    WorkScreen: {"": work},
}
