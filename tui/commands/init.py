"""`/init`: a prepared request that has the model write AGENTS.md."""

from tui.commands.command import AppActions

REQUEST = """\
Write AGENTS.md in the root of this repository: what a coding agent that has never seen it must know to work here.

First look: the README, the build and package files, the configuration of tests, linters and CI, and enough of the code
to see how it is laid out. If there is an AGENTS.md (or a CLAUDE.md, GEMINI.md, .cursorrules) already, keep what is true
of it and improve it. Run the commands that you are going to name, if they run here, and name only those that work; say
so where you could not try one.

Then write, in at most 80 lines of plain Markdown:
- one sentence on what the project is;
- the commands: set up, build, run, all tests, one test, lint, format, type check;
- where things live: the directories that matter and what they are for;
- conventions that the code shows and a newcomer would break: style, naming, errors, tests, what is generated;
- traps: what looks safe to change and is not.

Nothing that any reader of the code knows anyway, no advice that fits every project, nothing that you have not seen.
Change no other file."""


async def init(app: AppActions, argument: str) -> None:
    """Ask for AGENTS.md; `argument` is what else it should tell."""
    app.ask(f"{REQUEST}\n\nThe user adds: {argument}" if argument else REQUEST)
    app.say("AGENTS.md is read when a session begins: once it is written, /clear begins one that knows it.")
