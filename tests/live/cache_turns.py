"""What the model writes in the cache tests: every tool, every type of argument, and every fault that is repaired.

A turn with `raw` has to hold in both modes: with thinking on it begins inside the reasoning, which a call ends.
"""

from tools.base import Arguments, Effect, ToolContext, ToolResult, TypedTool

Turn = dict[str, object]
MARK_OF_SILENCE = "SILENCE-FOLLOWS"
SLOW = "sleep 5; echo slow"


class ProbeArguments(Arguments):
    """One argument of each JSON type."""

    flag: bool | None = None
    count: int | None = None
    ratio: float | None = None
    items: list[str | int | None] | None = None
    options: dict[str, object] | None = None
    text: str | None = None


class Probe(TypedTool[ProbeArguments]):
    """Takes every type. It has the name of a tool that the session does not offer: descriptions go by name."""

    name = "ask_user"
    arguments = ProbeArguments

    def effect_of(self, arguments: ProbeArguments) -> Effect:
        """Nothing is touched."""
        del arguments
        return "read"

    async def do(self, arguments: ProbeArguments, context: ToolContext) -> ToolResult:
        """Echo what came."""
        del context
        return ToolResult(repr(arguments), "probed")


def call(name: str, **arguments: object) -> Turn:
    """One call as a script has it."""
    return {"name": name, "arguments": arguments}


def routine(number: int) -> list[Turn]:
    """The calls of an ordinary step."""
    kinds: list[list[Turn]] = [
        [call("bash", command=f"seq {number * 100} {number * 100 + 250}")],
        [call("ask_user", flag=True, count=-3, ratio=0.5, text='Grüße, 世界 👋 "q" <b> \\n\n  two lines\n')],
        [call("str_replace_editor", command="view", path="file.txt", view_range="[1, 3]")],
        [call("bash", command=f"echo run {number}; false", timeout=30)],
        [call("ask_user", flag=False, items=["a", 1, None, "ü"], options={"deep": {"er": [1, None, True]}, "x": 1.0})],
        [call("bash", command=f"echo a{number}"), call("search", pattern="line", path=".", max_results=5)],
        [call("ask_user"), call("ask_user", options={}, items=[], text="")],
        [call("task_list", tasks=f"- [x] step {number}\n- [ ] next")],
        [call("ask_user", flag=None, ratio=5.0, count=10**15), call("ask_user", ratio=1e-7, text="true")],
        [call("str_replace_editor", command="insert", path="file.txt", insert_line=1, new_str=f"new {number}")],
    ]
    return kinds[number % len(kinds)]


def bash_xml(command: str, *, closed: bool = True) -> str:
    """A call as Qwen3.5 writes it, whole or broken off."""
    end = "\n</parameter>\n</function>\n</tool_call>" if closed else ""
    return f"<tool_call>\n<function=bash>\n<parameter=command>\n{command}{end}"


# By number of the answer: the faults, and what stops the work.
SPECIAL: dict[int, Turn] = {
    4: {"raw": bash_xml("echo called inside the thinking")},
    10: {"think": "Off I go.", "calls": [call("teleport", to="Mars", count=2)]},
    14: {"raw": bash_xml("ls -la", closed=False)},
    17: {"think": "That is next.", "say": "I will now run the tests."},
    20: {"think": "Slowly.", "calls": [call("bash", command=SLOW)]},
    24: {"think": "Wrong types.", "calls": [call("bash", command="ls", timeout="soon")]},
    27: {"think": "In the text.", "say": '{"name": "bash", "arguments": {"command": "pwd"}}'},
    31: {"think": "Then silence.", "calls": [call("bash", command=f"echo {MARK_OF_SILENCE}")]},
}
# They answer by what was said last and are not counted.
AFTER_SILENCE: list[Turn] = [
    {"when": {"last_contains": "answer was empty"}, "raw": bash_xml("echo back again")},
    {"when": {"last_contains": MARK_OF_SILENCE}, "raw": ""},
]


def answers(count: int) -> list[Turn]:
    """`count` counted answers, the last of which submits; the repairs of the silence come on top."""
    made: list[Turn] = []
    for number in range(count - 1):
        thought = f"Step {number}: I think about what to do here, and why it is the right thing."
        usual: Turn = {"think": thought, "say": f"Step {number}.", "calls": routine(number)}
        made.append(SPECIAL.get(number, usual))
    return [*AFTER_SILENCE, *made, {"think": "Finished.", "say": "Done.", "calls": [call("submit")]}]
