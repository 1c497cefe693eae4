"""May this call run? A pure function of the call, the mode, the rules and the place."""

import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.permissions.modes import Mode
from agent.permissions.parts import Part, parts_of
from agent.permissions.readonly import only_looks
from agent.permissions.risks import Place, risk, uncertain
from agent.permissions.rules import Rule, Verb, verdict
from agent.permissions.shell.words import Unparsed
from agent.permissions.suggest import Suggestion, suggestions
from tools.base import Effect

Word: TypeAlias = Literal["allow", "ask", "refuse"]
# It writes to the session alone, and plans are made with it.
_NOTES = "task_list"
_PLAN = (
    "Not run: this is plan mode, in which nothing is changed and nothing but looking around is run. Go on looking, "
    "then call present_plan with your plan and wait for the person's approval."
)


@dataclass(frozen=True, slots=True)
class Action:
    """A call as far as permissions look at it: `command` of a shell call, `path` of an edit."""

    tool: str
    effect: Effect
    command: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is the sentence for the person when it is asked, for the model when it is refused.

    `parts` is what the call would do, `asked` those of it that need the person, with rules that would allow them.
    """

    word: Word
    reason: str = ""
    parts: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def decide(action: Action, mode: Mode, rules: Sequence[Rule], place: Place, *, person: bool) -> Decision:
    """Whether a call runs, is asked for, or is refused; without a person nothing is asked."""
    if action.effect in ("read", "finish", "person") or action.tool == _NOTES:
        return Decision("allow")
    if action.tool == "bash" and not action.command.strip():
        return Decision("allow")
    try:
        parts = _parts(action, place)
    except Unparsed as odd:
        return _unknown(odd, action, mode, rules, place, person=person)
    judged = [(part, *_judge(part, action, mode, rules, place, person=person)) for part in parts]
    texts = tuple(part.text for part in parts)
    for wanted in ("refuse", "ask"):
        found = [(part, reason) for part, word, reason in judged if word == wanted]
        if found and wanted == "refuse":
            return Decision("refuse", found[0][1], texts)
        if found:
            asked = [part for part, _ in found]
            return _ask(found[0][1], texts, suggestions(action.tool, asked), person=person)
    return Decision("allow", "", texts)


def _parts(action: Action, place: Place) -> tuple[Part, ...]:
    if action.tool == "bash":
        return parts_of(action.command)
    if action.effect == "write" and action.path:
        path = posixpath.normpath(action.path)
        path = path.removeprefix(f"{place.workdir}/")
        return (Part("write", (shlex.quote(path),), (path,)),)
    return (Part("run", (action.tool,), (action.tool,), action.tool),)


def _judge(
    part: Part, action: Action, mode: Mode, rules: Sequence[Rule], place: Place, *, person: bool
) -> tuple[Word, str]:
    """One part. In plan mode nothing that a rule allows counts."""
    said = verdict(rules, action.tool, part)
    if said == "deny":
        return "refuse", denied(part.text)
    looks = action.tool == "bash" and only_looks(part, inside=not place.isolated)
    if mode == "plan":
        return ("allow", "") if looks else ("refuse", _PLAN)
    if said == "ask":
        return "ask", "A rule of yours asks for it."
    return _by_mode(part, action, mode, said, place, looks=looks, person=person)


def _by_mode(
    part: Part, action: Action, mode: Mode, said: Verb | None, place: Place, *, looks: bool, person: bool
) -> tuple[Word, str]:
    """What no rule denies or asks for, outside of plan mode."""
    by_shell = part.kind == "write" and action.tool == "bash"
    if person and not place.isolated and part.kind == "write" and _is_gits(part):
        return "ask", "Git on this machine runs what its own files say, without being asked again."
    if said == "allow" and (place.isolated or not by_shell):
        return "allow", ""
    if looks or (mode == "edits" and part.kind == "write" and (place.isolated or not by_shell)):
        return "allow", ""
    if mode != "auto":
        return "ask", "The mode asks for everything that " + (
            "changes files or runs." if mode == "ask" else "runs; edits are accepted."
        )
    if place.isolated:
        why = risk(part, place)
        return ("ask", f"Asked although it runs in a sandbox: {why}.") if why else ("allow", "")
    if not person or (part.kind == "write" and not by_shell):
        return "allow", ""
    return "ask", "Nothing isolates this command: it would run on this machine as you."


def _is_gits(part: Part) -> bool:
    return any(piece.lower() == ".git" for word in part.literal for piece in word.split("/"))


def _unknown(
    odd: Unparsed, action: Action, mode: Mode, rules: Sequence[Rule], place: Place, *, person: bool
) -> Decision:
    """A line that is not understood could be anything that is denied or asked for."""
    if mode == "plan":
        return Decision("refuse", _PLAN)
    strict = any(rule.verb != "allow" and rule.tool in ("bash", "edit") for rule in rules)
    if mode == "auto" and not strict and (not uncertain(place) or (not person and not place.isolated)):
        return Decision("allow")
    reason = f"What this line would run cannot be told for certain ({odd})."
    return _ask(reason, (action.command,), (), person=person)


def _ask(reason: str, parts: tuple[str, ...], offered: tuple[Suggestion, ...], *, person: bool) -> Decision:
    if person:
        return Decision("ask", reason, parts, offered)
    return Decision(
        "refuse",
        f"Not run: this call needs a person's approval, and nobody is there. {reason} Go on without it or in a plainer "
        "way, and say in the end what is left to do.",
        parts,
    )


def denied(what: str) -> str:
    """For the model: a rule of the person forbids it."""
    return (
        f"Not run: a rule of the person forbids `{what}`. Do not try to reach the same in another way; go on without "
        "it, and say in the end if it is needed."
    )
