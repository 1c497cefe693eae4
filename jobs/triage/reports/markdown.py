"""A comment or a job summary. Words of inputs stand in code, where no link, image, mention or command is active."""

import re

from jobs.triage.untrusted import one_line, tame
from jobs.triage.verdict import Repair, Reproduction, Verdict

MOST_COMMENT = 65_000
"""Characters; GitHub takes 65,536 in a comment, and the posting job may put a line of its own before them."""
_MOST_PATCH = 300
_HOW = {
    "bisect": ", found by bisection",
    "blame": ", the last to change the suspects (a guess by blame)",
    "model": ", as the model thinks",
}
_PLAIN = re.compile(r"^[A-Za-z0-9.,;'\"()-]*[A-Za-z0-9][A-Za-z0-9.,;'\"()-]*:?$")
# What GitHub and GitLab make links of: addresses, issues (`GH-1`, a project's own `ABC-1`), ids of commits.
_LINKED = re.compile(r"\bwww\.|(?<!\w)[a-z]\w{0,40}-\d|(?<!\w)[0-9a-f]{7,64}(?!\w)|\.\w+/", re.IGNORECASE)


def markdown(verdict: Verdict) -> str:
    """The verdict for people (GitHub's and GitLab's Markdown), short enough for a comment; what is left out is said."""
    head = f"**{verdict.category.value.replace('_', ' ')}** · {verdict.severity.value} · {verdict.confidence:.0%} sure"
    top = ["### CI triage", "", head, "", inline(verdict.summary), "", f"Cause: {inline(verdict.root_cause)}", ""]
    details = {"patch": _patch(verdict.patch) if verdict.patch else [], "evidence": _evidence(verdict)}
    details["causes"] = _causes(verdict)
    known, notes = _known(verdict), [f"- {inline(note)}" for note in verdict.notes]
    end = [*_tail(verdict), "", *notes, ""]
    parts = ["\n".join([*top, *known]), *map("\n".join, details.values()), "\n".join(end)]
    # What takes most room and is found in the JSON goes first.
    for number, name in enumerate(details, 1):
        if sum(map(len, parts)) + len(parts) > MOST_COMMENT and parts[number]:
            parts[number] = (
                f"Left out here for its {len(parts[number]):,} characters: the {name}; the verdict (JSON) has it.\n"
            )
    text = "\n".join(part for part in parts if part)
    return text if len(text) <= MOST_COMMENT else _cut(text)


def _cut(text: str) -> str:
    # Without the details there are no fences that a cut could leave open; a line is never cut in its middle.
    kept = text[: MOST_COMMENT - 200].rpartition("\n")[0]
    return f"{kept}\n\n[… {len(text) - len(kept):,} characters more in the verdict (JSON)]\n"


def _known(verdict: Verdict) -> list[str]:
    rows: list[str] = []
    if verdict.suspects:
        rows += ["| look at | why |", "|---|---|"]
        for one in verdict.suspects:
            place = f"{one.path}:{one.line}" if one.line else one.path
            rows.append(f"| {code(place).replace('|', '¦')} | {inline(one.why).replace('|', '¦')} |")
        rows.append("")
    if verdict.reproduction:
        rows += [f"Reproduce: {code(verdict.reproduction.command)}{_counts(verdict.reproduction)}", ""]
    if verdict.suspect_commit:
        how = _HOW.get(verdict.suspect_commit_by or "", "")
        rows += [f"Commit: {code(verdict.suspect_commit)}{how}", ""]
    return rows


def _evidence(verdict: Verdict) -> list[str]:
    if not verdict.evidence:
        return []
    return ["<details><summary>Evidence</summary>", "", *_block(verdict), "", "</details>", ""]


def _causes(verdict: Verdict) -> list[str]:
    if len(verdict.causes) < 2:
        return []
    return ["Causes:", *(f"- {one.count:,} × {inline(one.message)}" for one in verdict.causes), ""]


def _tail(verdict: Verdict) -> list[str]:
    rows: list[str] = []
    if verdict.duplicates:
        rows.append(f"Says the same: {', '.join(code(name) for name in verdict.duplicates)}  ")
    if verdict.labels:
        rows.append(f"Labels: {', '.join(code(label) for label in verdict.labels)}  ")
    if verdict.owner:
        rows.append(f"Owner: {code(verdict.owner)}  ")
    return [*rows, f"Next: {inline(verdict.next_step)}"]


def _counts(run: Reproduction) -> str:
    return f" (failed in {run.failures} of {run.runs} runs)" if run.runs else ""


def _patch(repair: Repair) -> list[str]:
    """The patch for reading; to apply it, it is in the JSON, exactly."""
    before = f"failed in {repair.before_failures} of {repair.before_runs} runs without it"
    head = f"Patch, proved: {before}, in {repair.after_failures} of {repair.after_runs} with it"
    lines = repair.diff.splitlines()
    rows = [tame(line, 500) for line in lines[:_MOST_PATCH]]
    if len(lines) > _MOST_PATCH:
        rows.append(f"[… {len(lines) - _MOST_PATCH:,} lines more, in the verdict]")
    return [f"<details><summary>{head}</summary>", "", *_fenced(rows, "diff"), "", "</details>", ""]


def _block(verdict: Verdict) -> list[str]:
    rows = [f"{one_line(row.source)}:{row.line}: {one_line(row.quote, 500)}" for row in verdict.evidence]
    # The blank in front keeps bots that read commands at the start of lines from seeing any.
    return _fenced([f" {row}" for row in rows], "text")


def _fenced(rows: list[str], language: str) -> list[str]:
    text = [_quiet(row) for row in rows]
    longest = max((len(run) for row in text for run in re.findall("`+", row)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text, fence]


def inline(text: str) -> str:
    """One line of running text: plain words stay words, everything else becomes code."""
    parts: list[tuple[bool, str]] = []
    for word in one_line(text, 2000).split():
        plain = _PLAIN.match(word) is not None and not _LINKED.search(word)
        if parts and parts[-1][0] == plain:
            parts[-1] = (plain, f"{parts[-1][1]} {word}")
        else:
            parts.append((plain, word))
    return " ".join(words if plain else code(words) for plain, words in parts)


def code(text: str) -> str:
    """The text as a code span, whatever backticks it holds."""
    text = _quiet(" ".join(tame(text, 2000).split())) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    blank = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def _quiet(text: str) -> str:
    # Bots read raw text, code or not; a mention needs the plain sign.
    return re.sub(r"(?<!\w)@(?=\w)", "＠", text)
