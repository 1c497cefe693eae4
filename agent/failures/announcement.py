"""Notices an answer that announces an action and takes none (Qwen3 #1817; omlx #3796).

Only the last sentence counts, and only a first person with a verb of the trade: "Let me know if …" ends many good
answers. English only; in other languages an announcement passes as an answer, which costs a turn and no work.
"""

import re

# An announcement is short, and the end of a text is enough to find its last sentence.
_END = 600
_LAST_FENCE = re.compile(r"\s*```\w*\n[^`]*\n?```$")
_SENTENCE_BREAK = re.compile(r"(?<=[.!?:;])\**\s+")
_LEAD = r"(?:(?:now|next|first|then|so|ok|okay|great|good|perfect|alright|right|and|but|instead|finally)\b[,!:]?\s+)*"
_PERSON = r"(?:i'll|i will|let me|i am going to|i'm going to|let's|we'll)\s+"
_ADVERB = r"(?:(?:now|first|also|then|just|quickly|next|start by|begin by|go ahead and|try to|take a)\s+)*"
_VERBS = (
    "add adding analyse analyze apply build call change check checking commit compare continue create creating debug "
    "delete edit examine execute explore find finding fix fixing get go grep implement insert inspect install "
    "investigate list look looking make modify move open proceed read reading refactor remove rename replace reproduce "
    "rerun re-run review rewrite run running search searching see start submit test trace try update use verify view "
    "write writing"
)
_ANNOUNCED = re.compile(rf"{_LEAD}{_PERSON}{_LEAD}{_ADVERB}(?:{'|'.join(_VERBS.split())})\b", re.I)
_CONDITION = re.compile(
    r"\b(?:if you|when you|once you|unless|after you|whenever|your (?:approval|answer|reply|input))\b", re.I
)


def announces(content: str) -> bool:
    """Whether the text ends in an announcement; a fenced block after it, as of a command, changes nothing."""
    text = content.strip()[-_END:]
    text = _LAST_FENCE.sub("", text).strip()
    line = text.rpartition("\n")[2].replace("’", "'").strip("*_#>-~ \t")
    sentence = _SENTENCE_BREAK.split(line.rstrip(".:…! "))[-1].lstrip("*_ ")
    if line.endswith("?") or _CONDITION.search(sentence):
        return False
    return _ANNOUNCED.match(sentence) is not None
