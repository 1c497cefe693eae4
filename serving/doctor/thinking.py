"""Thinking: is it parsed out of the text, does the switch work, and does reasoning come back in the history?"""

from collections.abc import Sequence

from serving.doctor.answer import Answer
from serving.doctor.finding import Finding, untold
from serving.doctor.server import Server
from serving.doctor.template import step
from serving.doctor.values import short

PARSER = "reasoning parser"
SWITCH = "thinking switch"
HISTORY = "reasoning in history"
QUESTION = "How many letters has the word granite? Think in one short sentence, then answer with a number."
FLAG = "--reasoning-parser qwen3"
LONG = " ".join(f"thought {number}" for number in range(60))


async def thinking(server: Server) -> Sequence[Finding]:
    """The same question with thinking on and off."""
    messages = [{"role": "user", "content": QUESTION}]
    on = await server.ask(messages, thinking=True)
    off = await server.ask(messages, thinking=False)
    ends = [await server.rendered(messages, thinking=mode) or "" for mode in (True, False)]
    return [parser(on, ends[0]), switch(on, off, ends[0], ends[1])]


def parser(on: Answer, prompt: str) -> Finding:
    """Whatever the model writes first lies inside <think>, which the template opened; where does the server put it?"""
    if on.refused:
        return untold(PARSER, f"the server refused the request: {short(on.error)}")
    figures = {"reasoning_tokens": on.reasoning_tokens}
    if on.reasoning:
        return Finding(PARSER, "ok", "reasoning arrives apart from the text", figures=figures)
    opened = prompt.rstrip().endswith("<think>")
    if "</think>" in on.content or "<think>" in on.content:
        return Finding(PARSER, "fail", "the model's thoughts arrive inside the text, with `</think>` in it", FLAG)
    if opened and on.content and "</think>" not in (on.raw or ""):
        seen = "the template opened <think>, and what the model wrote there arrived as text"
        return Finding(PARSER, "fail", seen, FLAG)
    if prompt and not opened:
        return untold(PARSER, "the template opens no thinking, so there is nothing to parse")
    return untold(PARSER, f"the model wrote no thought; it said: {short(on.said, 60) or 'nothing'}")


def switch(on: Answer, off: Answer, prompt_on: str, prompt_off: str) -> Finding:
    """`chat_template_kwargs.enable_thinking` must change the prompt, and the parser must know of it."""
    if on.refused or off.refused:
        return untold(SWITCH, f"the server refused the request: {short(on.error or off.error)}")
    advice = "ask the server itself, not a proxy; remove `enable_thinking` from --default-chat-template-kwargs"
    known = bool(prompt_on and prompt_off)
    counts = on.prompt_tokens, off.prompt_tokens
    same = prompt_on == prompt_off if known else None not in counts and counts[0] == counts[1]
    if same:
        seen = "enable_thinking changes nothing in the prompt: the model thinks always, or never"
        return Finding(SWITCH, "fail", seen, f"{advice}; Qwen's own chat template reads it")
    if off.reasoning.strip():
        seen = "with thinking off, the answer still arrives as reasoning"
        return Finding(SWITCH, "fail", seen, f"{FLAG} together with Qwen's own chat template")
    if not known and None in counts:
        return untold(SWITCH, "the server shows neither the prompt nor its length")
    if known and not prompt_off.rstrip().endswith("</think>"):
        seen = "with thinking off, the template leaves <think> open or unwritten, unlike Qwen's own"
        return Finding(SWITCH, "warn", seen, "--chat-template FILE (chat_template.jinja of the official repository)")
    seen = "on opens <think>, off closes it before the answer" if known else "on and off give different prompts"
    return Finding(SWITCH, "ok", seen, figures={"off_reasoning_tokens": off.reasoning_tokens})


async def history(server: Server) -> Sequence[Finding]:
    """Tokens of a prompt with reasoning under either field name, against the prompt without."""
    start = [{"role": "user", "content": "Write blue."}]
    counts: list[int | None] = []
    for names in ((), ("reasoning",), ("reasoning_content",), ("reasoning", "reasoning_content")):
        said, result = step(1, "")
        messages = [*start, {**said, **dict.fromkeys(names, LONG)}, result]
        # The chat endpoint itself: /tokenize reads fewer field names (vLLM 0.32).
        counts.append((await server.ask(messages, thinking=True, max_tokens=1)).prompt_tokens)
    return [returned(*counts)]


def returned(without: int | None, new: int | None, old: int | None, both: int | None) -> Finding:
    """qwright sends both names; one that is read is enough, and two must not count twice."""
    if without is None or new is None or old is None or both is None:
        return untold(HISTORY, "the server counts no prompt tokens")
    figures = {"reasoning": new - without, "reasoning_content": old - without, "both": both - without}
    most = max(new, old) - without
    if both - without < 30:
        seen = "reasoning that is sent back is dropped: the model forgets its thoughts, and the prefix cache breaks"
        mend = "Qwen's own chat template, and no proxy in between (LiteLLM drops it: BerriAI/litellm #41392)"
        return Finding(HISTORY, "fail", seen, mend, figures)
    if both - without > 1.5 * most > 0:
        seen = "reasoning that is sent under both names appears twice in the prompt"
        return Finding(HISTORY, "warn", seen, "a chat template that reads one name, such as Qwen's own", figures)
    names = [name for name, count in (("reasoning", new), ("reasoning_content", old)) if count - without >= 30]
    read = f"read under {' and '.join(names) or 'both names together'}"
    return Finding(HISTORY, "ok", f"{read}; qwright sends both names", figures=figures)
