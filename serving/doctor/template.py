"""The chat template, judged by what it renders: is a prompt plus its answer the beginning of the next prompt?

Facts behind it: Qwen's own templates of 3.5, 3.6 and 3.8 rendered side by side. All keep reasoning within a turn; 3.5
writes a boolean argument as `True`; 3.6 and 3.8 keep earlier turns' reasoning on request; 3.8 names the effort in the
system prompt, so switching thinking changes the beginning of the prompt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.doctor.finding import Finding, untold
from serving.doctor.server import Messages, Server

NAME = "chat template"
TURN = "new user turn"
THOUGHT, SECOND = "Blue is the colour of a clear sky.", "The word was written."
KEEP = "--chat-template qwen36_chat_template.jinja"
QWENS = "--chat-template FILE, which is chat_template.jinja of the official Qwen3.5 repository"
TOOL: Mapping[str, object] = {
    "type": "function",
    "function": {
        "name": "write_word",
        "description": "Writes a word.",
        "parameters": {
            "type": "object",
            "properties": {"word": {"type": "string"}, "loud": {"type": "boolean"}},
            "required": ["word"],
        },
    },
}


def step(number: int, reasoning: str, arguments: str = '{"word": "blue", "loud": true}') -> Messages:
    """An assistant's step with a call, and its result."""
    call = {"id": f"c{number}", "type": "function", "function": {"name": "write_word", "arguments": arguments}}
    said: dict[str, object] = {"role": "assistant", "content": f"Step {number}.", "tool_calls": [call]}
    if reasoning:
        said |= {"reasoning": reasoning, "reasoning_content": reasoning}
    return [said, {"role": "tool", "tool_call_id": f"c{number}", "content": "written"}]


@dataclass(frozen=True, slots=True)
class Renders:
    """Prompts of one conversation at several moments, as texts; thinking on where nothing else is said."""

    asked: str
    asked_direct: str
    thought: str
    unthought: str
    next_turn: str
    next_turn_kept: str


async def template(server: Server) -> Sequence[Finding]:
    """Render a conversation at six moments and compare."""
    renders = await render(server)
    if renders is None:
        why = "neither /tokenize with /detokenize nor a chat answer shows the rendered prompt"
        return [untold(NAME, why, "let /tokenize and /detokenize through the proxy, or check on the server itself")]
    server.template, findings = judge(renders, server.wanted.preserve_thinking)
    return findings


async def render(server: Server) -> Renders | None:
    """The six prompts; None where the server does not show them."""
    start = [{"role": "system", "content": "You write words."}, {"role": "user", "content": "Write blue."}]
    done = [*start, *step(1, THOUGHT)]
    after = [*done, {"role": "assistant", "content": "Done.", "reasoning": SECOND, "reasoning_content": SECOND}]
    turn = [*after, {"role": "user", "content": "Again."}]
    moments: list[tuple[Messages, bool, dict[str, object]]] = [
        (start, True, {}),
        (start, False, {}),
        (done, True, {}),
        ([*start, *step(1, "")], True, {}),
        (turn, True, {}),
        (turn, True, {"preserve_thinking": True}),
    ]
    texts: list[str] = []
    for messages, thinking, kwargs in moments:
        text = await server.rendered(messages, thinking=thinking, tools=[TOOL], kwargs=kwargs)
        if text is None:
            return None
        texts.append(text)
    return Renders(*texts)


def judge(renders: Renders, preserve: bool = False) -> tuple[str, Sequence[Finding]]:
    """The template's name ("" where it is none of Qwen's) and the findings about it."""
    if "<|im_start|>" not in renders.asked or "<function=" not in renders.asked:
        seen = "not Qwen3.5's: tools are not described in its XML form"
        if '"name": <function-name>' in renders.asked:
            seen = "an older Qwen's: tools are described as JSON (Qwen2.5, Qwen3), and no step can think"
        return "", [Finding(NAME, "warn", seen, f"serve Qwen3.5, or {QWENS}")]
    if not renders.asked.rstrip().endswith("<think>"):
        seen = "describes tools as Qwen3.5 does but opens no <think>; a template for models without thinking"
        return "", [Finding(NAME, "warn", seen, QWENS)]
    answered = f"{renders.asked}{THOUGHT}\n</think>\n\nStep 1."
    direct = f"{renders.asked_direct}Step 1."
    name = name_of(renders)
    bools = "True" if "\nTrue\n" in renders.thought else "true"
    figures = {"template": name, "booleans": bools, "keeps_by_default": THOUGHT in renders.next_turn}
    broken = _breaks(renders, answered, direct, name, figures)
    if broken is not None:
        return name, [broken]
    seen, advice = f"Qwen{name}'s; a step only ever adds to the prompt", ""
    if bools == "True":
        seen += "; booleans of earlier calls come back as `True` where the model wrote `true`"
        advice = "advice, for tools with boolean arguments: the template of Qwen3.6 writes `true`"
    return name, [Finding(NAME, "ok", seen, advice, figures), _new_turn(renders, name, preserve)]


def name_of(renders: Renders) -> str:
    """3.5, 3.6 or 3.8, by what they render differently."""
    if "Reasoning effort is set to" in renders.asked:
        return "3.8"
    return "3.6" if THOUGHT in renders.next_turn_kept and "\nTrue\n" not in renders.thought else "3.5"


def _breaks(
    renders: Renders, answered: str, direct: str, name: str, figures: Mapping[str, str | bool]
) -> Finding | None:
    cost = "every such step computes the conversation again from there"
    if THOUGHT not in renders.thought:
        seen = f"drops the reasoning of the running turn; {cost}, and the model forgets what it thought"
        return Finding(NAME, "fail", seen, QWENS, figures)
    if not renders.thought.startswith(answered):
        return Finding(NAME, "warn", f"writes a step with thinking differently from how it was said; {cost}", QWENS)
    if name == "3.8":
        seen = "Qwen3.8's names the effort in the system prompt: each switch of thinking computes everything again"
        mend = '--default-chat-template-kwargs \'{"reasoning_effort": "medium"}\', which adds no such sentence'
        return Finding(NAME, "warn", seen, mend, figures)
    if not renders.unthought.startswith(direct):
        seen = f"a variant that drops the empty <think> block of a step without thinking (as llama.cpp's); {cost}"
        return Finding(NAME, "warn", seen, QWENS, figures)
    return None


def _new_turn(renders: Renders, name: str, preserve: bool) -> Finding:
    kept, can_keep = THOUGHT in renders.next_turn, THOUGHT in renders.next_turn_kept
    figures = {"kept": kept, "can_keep": can_keep}
    if kept or (preserve and can_keep):
        seen = "earlier reasoning stays in the prompt: nothing is computed again, and the context grows by it"
        return Finding(TURN, "ok", seen, figures=figures)
    if preserve:
        seen = "preserve_thinking is set, and this template ignores it: earlier reasoning is dropped"
        return Finding(TURN, "warn", seen, f"{KEEP} (Qwen3.6's file)", figures)
    seen = "drops the reasoning of the request before, whose steps are computed again once (Qwen's own design)"
    set_it = "export QWRIGHT_PRESERVE_THINKING=true"
    how = set_it if can_keep else f"{KEEP} (Qwen3.6's file), then {set_it}"
    advice = f"advice, where people ask many follow-ups: {how}; the context grows by all reasoning"
    return Finding(TURN, "ok", seen, advice, figures)
