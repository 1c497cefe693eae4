"""A comment or a job summary. Words of inputs stand in code, where no link, image, mention or command is active."""

import re

from jobs.triage.untrusted import one_line, tame
from jobs.triage.verdict import Repair, Reproduction, Verdict

_MOST_PATCH = 300
_HOW = {
    "bisect": ", found by bisection",
    "blame": ", the last to change the suspects (a guess by blame)",
    "model": ", as the model thinks",
}
_PLAIN = re.compile(r"^[A-Za-z0-9.,;'\"()-]*[A-Za-z0-9][A-Za-z0-9.,;'\"()-]*:?$")
_LINKED = re.compile(r"\bwww\.|^GH-\d|^(?=[a-z]*\d)[0-9a-f]{7,40}\W*$|\.\w+/", re.IGNORECASE)


def markdown(verdict: Verdict) -> str:
    """The verdict for people (GitHub's and GitLab's Markdown)."""
    head = f"**{verdict.category.value.replace('_', ' ')}** · {verdict.severity.value} · {verdict.confidence:.0%} sure"
    rows = ["### CI triage", "", head, "", inline(verdict.summary), "", f"Cause: {inline(verdict.root_cause)}", ""]
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
    if verdict.patch:
        rows += _patch(verdict.patch)
    if verdict.evidence:
        rows += ["<details><summary>Evidence</summary>", "", *_block(verdict), "", "</details>", ""]
    if len(verdict.causes) > 1:
        rows += ["Causes:", *(f"- {one.count:,} × {inline(one.message)}" for one in verdict.causes), ""]
    if verdict.duplicates:
        rows.append(f"Says the same: {', '.join(code(name) for name in verdict.duplicates)}  ")
    if verdict.labels:
        rows.append(f"Labels: {', '.join(code(label) for label in verdict.labels)}  ")
    if verdict.owner:
        rows.append(f"Owner: {code(verdict.owner)}  ")
    rows.append(f"Next: {inline(verdict.next_step)}")
    rows += ["", *(f"- {inline(note)}" for note in verdict.notes), ""]
    return "\n".join(rows)


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
