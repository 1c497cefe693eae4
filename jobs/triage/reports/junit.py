"""JUnit XML of the causes, for CI systems that show test reports: one test case per cause."""

import re
from xml.sax.saxutils import escape, quoteattr

from jobs.triage.verdict import Verdict

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: Verdict) -> str:
    """A suite "qwright triage"; the verdict's category is the type of each failure."""
    rows = ['<?xml version="1.0" encoding="UTF-8"?>']
    count = len(verdict.causes)
    rows.append(f'<testsuite name="qwright triage" tests="{count}" failures="{count}" errors="0" skipped="0">')
    place = verdict.suspects[0] if verdict.suspects else None
    at = f" file={_attribute(place.path)} line={_attribute(str(place.line))}" if place else ""
    for number, cause in enumerate(verdict.causes):
        name = cause.examples[0] if cause.examples else cause.message
        rows.append(f"  <testcase classname={_attribute('triage')} name={_attribute(name)}{at if number == 0 else ''}>")
        rows.append(f"    <failure type={_attribute(verdict.category.value)} message={_attribute(cause.message)}>")
        rows += [escape(_NO_XML.sub("", f"{one}")) for one in cause.examples]
        rows += ["    </failure>", "  </testcase>"]
    return "\n".join([*rows, "</testsuite>", ""])


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("", text))
