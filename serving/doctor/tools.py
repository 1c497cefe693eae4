"""Tool calls: does what the model writes arrive as a call, streamed and whole, free and forced?

The server's own token ids show what the model wrote. So "the server lost it" and "the model did not call" are told
apart; where the model did not, the text of a call is forced upon it (vLLM's `structured_outputs`), and only when
that is impossible too, the check says that it could not tell.
"""

from collections.abc import Mapping, Sequence

from serving.doctor.answer import Answer
from serving.doctor.finding import Finding, untold
from serving.doctor.server import Server
from serving.doctor.values import short

WHOLE, STREAMED = "tool calls", "tool calls, streamed"
REQUIRED, STRICT = "forced tool calls", "strict tools"
QUESTION = "Call the tool report_word with the word blue. Answer with the call and nothing else."
STRICT_QUESTION = "Call report_word with the word blue, or with another if it does not take that. Only the call."
CODE = "blue-17-granite"
XML = "<tool_call>\n<function=report_word>\n<parameter=word>\nblue\n</parameter>\n</function>\n</tool_call>"
JSON = '<tool_call>\n{"name": "report_word", "arguments": {"word": "blue"}}\n</tool_call>'
FLAGS = "--enable-auto-tool-choice --tool-call-parser qwen3_coder"
MESSAGES: Sequence[Mapping[str, object]] = ({"role": "user", "content": QUESTION},)
_SIGNS = ("<tool_call>", "<function=", "<parameter=", "</tool_call>")


def tool(word: Mapping[str, object], **more: object) -> Mapping[str, object]:
    """The definition of `report_word`, whose one argument has the given schema."""
    parameters = {"type": "object", "properties": {"word": word}, "required": ["word"], "additionalProperties": False}
    function = {"name": "report_word", "description": "Takes a word.", "parameters": parameters, **more}
    return {"type": "function", "function": function}


TOOLS = (tool({"type": "string"}),)


async def calls(server: Server) -> Sequence[Finding]:
    """Ask for a call in both forms, and force its text where the model does not write one."""
    findings: list[Finding] = []
    for name, ask in ((WHOLE, server.ask), (STREAMED, server.stream)):
        finding = judge(name, await ask(MESSAGES, tools=list(TOOLS)), server.template)
        if finding.status == "skip" and not finding.mend:
            text = XML if server.template else JSON
            forced = judge(name, await ask(MESSAGES, tools=list(TOOLS), structured_outputs={"choice": [text]}), text)
            finding = forced if forced.status in ("ok", "fail") else finding
        findings.append(finding)
    return findings


def judge(name: str, answer: Answer, template: str = "") -> Finding:
    """What became of the call. `template` is not "" where the model is known to write calls as XML."""
    if answer.refused:
        if answer.status == 400 and "tool" in answer.error.lower():
            seen = f"the server refuses tools: {short(answer.error)}"
            return Finding(name, "fail", seen, FLAGS)
        return untold(name, f"the server refused the request (HTTP {answer.status}): {short(answer.error, 80)}")
    if answer.calls:
        return _arrived(name, answer)
    text = answer.content + answer.reasoning
    flag = f"{FLAGS} (in place of the parser that is set)" if template else "--tool-call-parser of the model's family"
    if any(sign in text for sign in _SIGNS):
        return Finding(name, "fail", f"the model's call arrives as text: {short(text, 60)}", flag)
    if any(sign in (answer.raw or "") for sign in _SIGNS):
        seen = f"the model's call vanishes: it wrote {short(answer.raw or '', 50)!r}, and neither call nor text arrived"
        return Finding(name, "fail", seen, flag)
    spent = answer.completion_tokens or 0
    if answer.raw is None and spent >= 12 and not text.strip() and answer.finish in ("stop", "tool_calls"):
        seen = f"the model wrote {spent} tokens, and neither call nor text arrived: a wrong parser swallows calls"
        return Finding(name, "fail", seen, flag)
    return untold(name, f"the model did not call; it said: {short(answer.said, 60) or 'nothing'}")


def _arrived(name: str, answer: Answer) -> Finding:
    call = answer.calls[0]
    arguments = call.parsed
    wrote = "<parameter=word>" in (answer.raw or "") and answer.finish != "length"
    if call.name == "report_word" and arguments is not None and isinstance(arguments.get("word"), str):
        extra = "" if name == WHOLE else f", in {answer.last_s:.1f} s"
        return Finding(name, "ok", f"a call arrives as a call{extra}")
    if wrote and call.name == "report_word":
        seen = f"a call arrives damaged: arguments {short(call.arguments, 60)!r} for a complete call of the model"
        return Finding(name, "fail", seen, FLAGS)
    shown = short(f"{call.name}({call.arguments})", 80)
    return Finding(name, "ok", f"a call arrives as a call, though not the one that was asked for: {shown}")


async def forced(server: Server) -> Sequence[Finding]:
    """`tool_choice: required`, and a strict tool whose only allowed value is not the one that was asked for."""
    required = await server.ask(MESSAGES, tools=list(TOOLS), tool_choice="required")
    strict_tool = tool({"type": "string", "enum": [CODE]}, strict=True)
    strict = await server.ask([{"role": "user", "content": STRICT_QUESTION}], tools=[strict_tool])
    return [judge_required(required), judge_strict(strict)]


def judge_required(answer: Answer) -> Finding:
    """Where a model plans a call and does not make it, qwright forces one."""
    if answer.refused and answer.status >= 500:
        return untold(REQUIRED, f"the server failed (HTTP {answer.status}); a scripted model cannot be forced")
    if answer.refused:
        seen = f"`tool_choice: required` is refused: {short(answer.error)}"
        return Finding(REQUIRED, "warn", seen, f"a newer vLLM with {FLAGS}")
    if not answer.calls:
        seen = "`tool_choice: required` gave no call; qwright cannot force one where the model only announces it"
        return Finding(REQUIRED, "warn", seen, f"a newer vLLM with {FLAGS}")
    return Finding(REQUIRED, "ok", "`tool_choice: required` gives a call")


def judge_strict(answer: Answer) -> Finding:
    """Grammar over the arguments keeps them valid; the field is ignored by older servers."""
    if answer.refused and answer.status >= 500:
        return untold(STRICT, f"the server failed (HTTP {answer.status}); a scripted model cannot be forced")
    if answer.refused:
        return Finding(STRICT, "warn", f"a strict tool is refused: {short(answer.error)}", "a newer vLLM")
    word = (answer.calls[0].parsed or {}).get("word") if answer.calls else None
    if word == CODE:
        return Finding(STRICT, "ok", "arguments are held to their schema while they are written")
    if word is not None:
        seen = f"`strict` is accepted and not enforced: {short(str(word), 40)!r} is not among the allowed values"
        return Finding(STRICT, "warn", seen, "--tool-strict-level parameter (vLLM 0.32 or newer)")
    return untold(STRICT, "the field is accepted; the model made no call that would show whether it is enforced")
