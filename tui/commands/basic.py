"""The commands that every session has. Each is a function of the app and the text behind the command's name."""

from agent.policies import POLICIES, policy_named
from tui.commands.command import AppActions


async def show_help(app: AppActions, argument: str) -> None:
    """Open the help screen; `argument` narrows it to rows that hold this text."""
    from tui.commands.help_screen import HelpScreen

    app.show(HelpScreen(app.commands, argument))


async def leave(app: AppActions, argument: str) -> None:
    """Close the session and the screen."""
    await app.action_quit()


async def suspend(app: AppActions, argument: str) -> None:
    """Give the terminal back to the shell until it says otherwise."""
    app.action_suspend_process()


async def clear(app: AppActions, argument: str) -> None:
    """A new session on the same tree; the old one stays in `qwright sessions`."""
    await app.restart(await app.host.new_session())


async def reopen(app: AppActions, argument: str) -> None:
    """Open this session anew: settings, server and sandbox as they are by now."""
    await app.reopen()


async def page_back(app: AppActions, argument: str) -> None:
    """Look at what stands above, with the cursor in the prompt."""
    app.conversation.action_page_up()


async def page_forth(app: AppActions, argument: str) -> None:
    """Look at what stands below."""
    app.conversation.action_page_down()


async def compact(app: AppActions, argument: str) -> None:
    """Make room in the model's context; `argument` says what to keep above all."""
    if said := await app.host.compact(argument):
        app.say(said)


async def thinking(app: AppActions, argument: str) -> None:
    """When the model thinks, from the next request on; without an argument the next of the four ways."""
    if argument:
        policy = policy_named(argument)
        if policy is None:
            app.say(f"/thinking {argument}: there is no such way; choose {', '.join(POLICIES[:-1])} or {POLICIES[-1]}.")
            return
    else:
        known = app.policy or app.configured
        policy = POLICIES[(POLICIES.index(known) + 1) % len(POLICIES)]
    app.policy = policy
    app.draw_policy()


async def copy(app: AppActions, argument: str) -> None:
    """Put the last answer into the clipboard."""
    from tui.model.blocks import AnswerBlock

    answers = (block for block in reversed(app.conversation.feed.blocks) if isinstance(block, AnswerBlock))
    last = next(answers, None)
    if last is None:
        app.say("There is no answer to copy yet.")
        return
    app.copy_to_clipboard(last.text)
    app.say(
        f"The last answer ({len(last.text):,} characters) is in the clipboard, if your terminal allows it (OSC 52)."
    )
