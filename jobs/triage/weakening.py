"""Whether a patch makes the tests say less than they did."""

import re
from collections.abc import Collection

from jobs.triage.places import is_test

_HEAD = re.compile(r"^diff --git a/.{1,400} b/(.{1,400})$")
_DEFINITION = re.compile(r"^\s*(?:async )?(?:def|func|fn|void|fun) +(?:\([^)]{0,80}\) *)?(\w+)")
_SKIPS = re.compile(
    r"pytest\.(?:mark\.)?(?:skip|xfail|importorskip)|unittest\.(?:skip|expectedFailure)|\bskipTest\(|raise SkipTest"
    r"|\b(?:it|test|describe)\.(?:skip|todo|failing)\b|\bx(?:it|describe|test)\(|\bt\.Skip|#\[ignore"
    r"|@(?:Disabled|Ignore)\b"
)


def weakened(diff: str, names: Collection[str]) -> str:
    """How a patch makes the tests say less, "" when it does not: a file or a failing test goes, one is skipped.

    `names` are the failing tests' own names. The patch is one that `jobs.triage.patches.patched_paths` reads.
    """
    path, gone, new = "", set[str](), set[str]()
    for line in diff.split("\n"):
        if head := _HEAD.match(line):
            path = head[1]
        elif line.startswith("deleted file mode ") and is_test(path):
            return f"it deletes {path}"
        elif is_test(path) and line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")):
            if line[0] == "+" and _SKIPS.search(line):
                return f"it skips tests in {path}"
            if found := _DEFINITION.match(line[1:]):
                (new if line[0] == "+" else gone).add(found[1])
    lost = sorted((gone - new) & set(names))
    return f"it takes the failing test {lost[0]} away" if lost else ""
