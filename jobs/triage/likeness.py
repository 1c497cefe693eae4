"""Where nothing was run: files behind the test's imports whose definitions are called like what the test is about.

The older kind of fault localization, by words instead of runs (Zhou and others, "Where should the bugs be fixed?",
2012), on names only: a test says in its own name what it tests.
"""

import math
import re
from collections import Counter

from jobs.triage.imports import Has, Read, defined_in, files_imported_by, words_of_test
from jobs.triage.places import is_test

_HOPS = 4
_MOST_FILES = 80
_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_NAME_WEIGHT = 2


def likely_files(test_path: str, test_name: str, read: Read, has: Has) -> list[str]:
    """The repository's files that the test reaches by imports and shares words with, the likeliest first."""
    wanted = _wanted(words_of_test(test_path, test_name, read), test_name)
    names = {path: _words([path, *defined_in(path, read)]) for path in _reached(test_path, read, has)}
    having = Counter(word for words in names.values() for word in words)

    def score(path: str) -> float:
        return sum(
            times * math.log(1 + len(names) / having[word]) for word, times in wanted.items() if word in names[path]
        )

    scores = {path: found for path in names if (found := score(path))}
    return sorted(scores, key=lambda path: (-scores[path], path))


def _wanted(used: list[str], test_name: str) -> Counter[str]:
    wanted = Counter(_words(used))
    for word in _words([test_name]):
        wanted[word] += _NAME_WEIGHT
    del wanted["test"]
    return wanted


def _words(names: list[str]) -> set[str]:
    """The words of names in any case, without the s of a plural."""
    found = (word.lower() for name in names for word in _WORD.findall(name))
    return {word.removesuffix("s") if len(word) > 3 else word for word in found}


def _reached(test_path: str, read: Read, has: Has) -> list[str]:
    """Files by imports of imports, nearest first; tests are none."""
    reached: dict[str, None] = {}
    edge = [test_path]
    for _ in range(_HOPS):
        step = [path for near in edge for path in files_imported_by(near, read, has)]
        edge = [path for path in dict.fromkeys(step) if path not in reached and not is_test(path)]
        reached.update(dict.fromkeys(edge))
        if len(reached) >= _MOST_FILES:
            break
    return list(reached)[:_MOST_FILES]
