"""SARIF 2.1.0 (OASIS): one result per suspect, for code scanning."""

import hashlib
import json
from urllib.parse import quote

from jobs.triage.verdict import Category, Severity, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def sarif(verdict: Verdict, version: str) -> str:
    """The verdict as a SARIF log. Without a suspect there is one result without a place."""
    rules = [{"id": one.value, "shortDescription": {"text": one.value.replace("_", " ")}} for one in Category]
    ids = [rule["id"] for rule in rules]
    suspects = verdict.suspects or [None]
    results = [
        {
            "ruleId": verdict.category.value,
            "ruleIndex": ids.index(verdict.category.value),
            "level": _LEVEL[verdict.severity],
            "message": {"text": _escaped(f"{verdict.summary} ({suspect.why})" if suspect else verdict.summary)},
            "locations": [_location(suspect.path, suspect.line)] if suspect else [],
            "partialFingerprints": {"qwrightCause/v1": _fingerprint(verdict, suspect.path if suspect else "")},
            "properties": {"confidence": verdict.confidence, "tags": list(dict.fromkeys(verdict.labels))},
        }
        for suspect in suspects
    ]
    driver = {"name": "qwright triage", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _location(path: str, line: int) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": quote(path, safe="/"), "uriBaseId": "%SRCROOT%"}}
    if line:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def _fingerprint(verdict: Verdict, path: str) -> str:
    from jobs.triage.clusters import signature

    cause = signature(verdict.causes[0].message) if verdict.causes else ""
    return hashlib.sha256(f"{verdict.category.value}\0{path}\0{cause}".encode()).hexdigest()


def _escaped(text: str) -> str:
    # SARIF's plain text knows embedded links, [text](target): a backslash takes the brackets at their word (3.11.6).
    # It knows placeholders too, {0}, where a brace is written twice (3.11.5).
    text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text.replace("{", "{{").replace("}", "}}")
