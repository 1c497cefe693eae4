"""Figures for panels, as a test wrote them."""

import asyncio
from collections.abc import AsyncGenerator

from agent.context_use import ContextUse, Part
from agent.statistics import Phases, Spent, Statistics, ToolUse
from agent.thinking.account import Account
from serving.metrics import Between, Snapshot
from serving.view import Look
from tui.panels.host import ServerNow

PARTS = (
    Part("results of bash", 21_410, 14),
    Part("tools", 2_904),
    Part("reasoning", 1_880, 9),
    Part("results of str_replace_editor", 1_204, 6),
    Part("masked results", 910, 12),
    Part("AGENTS.md", 812),
    Part("system prompt", 640),
    Part("answers", 388, 17),
    Part("your requests", 96, 3),
)
USE = ContextUse(PARTS, 31_512, 65_536, 43_690)
TURN = Statistics(
    spent=Spent(48_220, 44_100, 1_402, 812, 6),
    thinking=Account(2, 4, {"first step of a request": 1, "a test failed": 1}, 812, 9.2, 1_624, 18.4, 2),
    edits=3,
    edits_failed=1,
    tools=(ToolUse("bash", 4, 1, 12.5), ToolUse("str_replace_editor", 3, 1, 0.1)),
    phases=Phases(1.9, 9.2, 5.0, 12.6, 0.0, 4.0, 33.1),
)
SESSION = Statistics(
    spent=Spent(148_220, 129_100, 9_402, 4_812, 21),
    thinking=Account(7, 14, {"first step of a request": 4, "a test failed": 3}, 4_812, 52.0, 9_624, 104.0, 3),
    edits=9,
    edits_failed=1,
    tools=(ToolUse("bash", 21, 3, 80.0), ToolUse("str_replace_editor", 15, 1, 0.6), ToolUse("search", 2, 0, 0.1)),
    phases=Phases(8.1, 52.0, 41.0, 80.7, 6.0, 31.0, 224.0),
    faults={"empty_answer": 2, "call_repeated": 1},
)
NOW = ServerNow(
    "http://gpu-box:8000/v1",
    "Qwen/Qwen3.5-122B-A10B",
    "0.32.0",
    Look(
        Snapshot(10.0, 3, 7, {"capacity": 7}, 0.93, 9e6, 8.1e6, 9_102_000.0, 412_000.0, 2.0),
        Between(2.0, 5_120.4, 211.0, 0.91, 0, (0.4, 2.5), (1.1, 6.0)),
    ),
    own="Server: 87% of 148,220 prompt tokens came from its cache; first word after 0.4 s (median), then 71 tokens/s.",
)


class ScriptedFigures:
    """Implements `tui.panels.host.Figures`. `looks` counts how often the server was asked, `open` readers of it now."""

    def __init__(self) -> None:
        self.now = NOW
        self.looks = 0
        self.open = 0

    async def context(self) -> ContextUse:
        return USE

    async def stats(self) -> tuple[Statistics, Statistics]:
        return TURN, SESSION

    async def server(self, interval_s: float) -> AsyncGenerator[ServerNow]:
        self.open += 1
        try:
            while True:
                self.looks += 1
                yield self.now
                await asyncio.sleep(interval_s)
        finally:
            self.open -= 1
