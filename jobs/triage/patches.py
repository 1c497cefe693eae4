"""What a patch touches."""

import re

_PATHS = re.compile(r"^diff --git a/(.+) b/\1$", re.MULTILINE)
DECIDES_TESTS = re.compile(
    r"(?:^|/)(?:conftest\.py|pytest\.ini|tox\.ini|noxfile\.py|\.gitmodules|Jenkinsfile|\.gitlab-ci\.yml"
    r"|jest\.config\.\w+|vitest\.config\.\w+)$|(?:^|/)\.(?:github|gitlab|circleci|git)/|^\.qwright"
)
"""What decides which tests run, or what the CI does with them: no repair of code touches it."""


def patched_paths(diff: str) -> list[str]:
    """The paths that a patch in git's form changes; renames and quoted names are not among them."""
    return _PATHS.findall(diff)


def heads(diff: str) -> int:
    """How many files a patch speaks of."""
    return diff.count("\ndiff --git ") + diff.startswith("diff --git ")
