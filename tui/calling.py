"""Calls a person back who looks elsewhere: a bell, and a desktop notification where the terminal can show one. Pure.

OSC 9 is iTerm2's sequence, OSC 777 that of rxvt and VTE; a terminal that knows both would show two, so one is sent.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.model.safe import plain
from tui.themes.names import Notify

if TYPE_CHECKING:
    from agent.events import TurnStatus

_BELL = "\a"
_MOST = 200
_OSC9_PROGRAMS = re.compile(r"iTerm|WezTerm|ghostty|kitty|vscode", re.IGNORECASE)
_OSC777_TERMS = re.compile(r"rxvt|foot|vte", re.IGNORECASE)
_WORDS: "Mapping[TurnStatus, str]" = {
    "done": "done",
    "failed": "stopped by an error",
    "limit": "stopped at a limit",
    "waiting": "waits for your decision",
}


@dataclass(slots=True)
class Attention:
    """Whether the person looks: told by the terminal's focus reports, or guessed from what was typed.

    `focused` is None until the terminal has reported anything.
    """

    focused: bool | None = None

    def away(self, *, typed: bool) -> bool:
        """Whether the person seems to be elsewhere; `typed` says whether they wrote anything during the turn."""
        return not typed if self.focused is None else not self.focused


def told(title: str, status: "TurnStatus", request: str) -> str:
    """What a notification says; "" for an end that the person made themselves."""
    if status not in _WORDS:
        return ""
    first = next((line.strip() for line in plain(request).splitlines() if line.strip()), "")
    said = f"qwright {plain(title)}: {_WORDS[status]}{f' – {first}' if first else ''}"
    return " ".join(said.split())[:_MOST].replace(";", ",")


def sequence(way: Notify, text: str, environment: Mapping[str, str] | None = None) -> str:
    """What the terminal is sent."""
    environment = os.environ if environment is None else environment
    match way:
        case "off":
            return ""
        case "bell":
            return _BELL
        case "osc9" | "osc777":
            return _BELL + _passed(_osc(way, text), environment)
        case "auto":
            known = _known(environment)
            return _BELL + (_passed(_osc(known, text), environment) if known else "")


def _known(environment: Mapping[str, str]) -> Notify | None:
    """The sequence that this terminal is known to show."""
    program = (
        f"{environment.get('LC_TERMINAL', '')} {environment.get('TERM_PROGRAM', '')} {environment.get('TERM', '')}"
    )
    if _OSC9_PROGRAMS.search(program):
        return "osc9"
    return "osc777" if _OSC777_TERMS.search(program) or environment.get("VTE_VERSION") else None


def _osc(way: Notify, text: str) -> str:
    body = f"9;{text}" if way == "osc9" else f"777;notify;qwright;{text}"
    return f"\x1b]{body}\x07"


def _passed(osc: str, environment: Mapping[str, str]) -> str:
    """Through tmux to the terminal that it runs in (tmux wants `allow-passthrough on`)."""
    doubled = osc.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\" if environment.get("TMUX") else osc
