"""/undo, /redo, /rewind, /continue."""

import time
from typing import TYPE_CHECKING

from rich.text import Text

from agent.meanwhile import named
from tui.commands.command import AppActions
from tui.model.safe import line
from tui.past.ages import ago, first_line

if TYPE_CHECKING:
    from agent.rewinding.rewound import FilePlan, Request
    from tui.past.choice import ChoiceScreen

WHAT = ("both", "conversation", "files")
HOW = ("keep", "force")


async def undo(app: AppActions, argument: str) -> None:
    """Take the last request back, with what it changed."""
    standing = app.host.past.requests()
    if not standing:
        app.say("There is nothing to undo: no request stands.")
        return
    await _rewind(app, standing[-1], len(standing), argument.split())


async def rewind(app: AppActions, argument: str) -> None:
    """Without an argument a list of requests; `N`, `N both`, `N files` go back to before the N-th."""
    standing = app.host.past.requests()
    words = argument.split()
    if not standing:
        app.say("There is nothing to go back to: no request stands.")
    elif not words:
        from tui.past.picker import PickerRow, PickerScreen

        now = time.time()
        rows = [
            PickerRow(str(number), ago(now - request.time), first_line(request.text))
            for number, request in enumerate(standing, 1)
        ]
        app.show(PickerScreen("Go back to before…", rows[::-1], lambda key: app.submit(f"/rewind {key}")))
    elif not words[0].isdigit() or not 1 <= int(words[0]) <= len(standing):
        app.say(f"/rewind {argument}: give the number of a request, 1 to {len(standing)}, or nothing to choose.")
    elif len(words) == 1:
        await _ask_what(app, standing[int(words[0]) - 1], int(words[0]), len(standing))
    else:
        await _rewind(app, standing[int(words[0]) - 1], int(words[0]), words[1:])


async def redo(app: AppActions, argument: str) -> None:
    """Take the newest undo or rewind back."""
    past = app.host.past
    plan = await past.plan_redo()
    if plan.kept and argument not in HOW:
        app.show(_conflict(app, plan, "/redo"))
        return
    await past.redo(force=argument == "force")
    await app.restart(past.reopened())
    app.say("Redone.")


async def go_on(app: AppActions, argument: str) -> None:
    """Go on with the request that was interrupted."""
    await app.go_on()


async def _ask_what(app: AppActions, request: "Request", number: int, of: int) -> None:
    from tui.past.choice import Answer, ChoiceScreen

    plan = await app.host.past.plan(request.entry_id)
    question = Text(f"Back to before: {line(first_line(request.text))}\n", "bold")
    question.append(f"{of - number + 1} of {of} requests are taken back.\n", "not bold")
    changed = f"Files that go back: {line(named(plan.back))}." if plan.back else "No file of the agent goes back."
    question.append(changed + "\n", "not bold")
    if plan.kept:
        question.append(f"You changed these too: {line(named(plan.kept))}.\n", "not bold")
    labels = ("conversation and files", "conversation only; files stay", "files only; the model is told")
    answers = [Answer(label, f"/rewind {number} {what}") for label, what in zip(labels, WHAT, strict=True)]
    app.show(ChoiceScreen(question, answers, app.submit))


async def _rewind(app: AppActions, request: "Request", number: int, words: list[str]) -> None:
    odd = [word for word in words if word not in (*WHAT, *HOW)]
    if odd:
        app.say(f"{odd[0]!r} is not known here; possible are {', '.join((*WHAT, *HOW))}.")
        return
    what = next((word for word in words if word in WHAT), "both")
    past = app.host.past
    if what != "conversation" and not any(word in HOW for word in words):
        plan = await past.plan(request.entry_id)
        if plan.kept:
            app.show(_conflict(app, plan, f"/rewind {number} {what}"))
            return
    await past.rewind(
        request.entry_id, conversation=what != "files", files=what != "conversation", force="force" in words
    )
    await app.restart(past.reopened())
    if what != "files" and not app.prompt.editor.text:
        app.prompt.put_back(request.text)


def _conflict(app: AppActions, plan: "FilePlan", command: str) -> "ChoiceScreen":
    from tui.past.choice import Answer, ChoiceScreen

    question = Text("These files hold changes that are yours, or may be\n", "bold")
    question.append(f"{line(named(plan.kept))}\n", "not bold")
    question.append("What stands now is kept in a snapshot in any case.\n", "not bold")
    answers = [
        Answer("leave mine as they are, put back the others", f"{command} keep"),
        Answer("put back these too", f"{command} force"),
    ]
    return ChoiceScreen(question, answers, app.submit)
