"""Commands that only look: they run without being asked for, also in plan mode.

The list is short on purpose; a command that is not on it is asked for once and can be allowed for good.
"""

from collections.abc import Sequence

from agent.permissions.parts import Part

_LOOKING = {
    "ls", "cat", "head", "tail", "wc", "pwd", "echo", "printf", "grep", "egrep", "fgrep", "rg", "which", "type",
    "stat", "file", "du", "df", "tree", "basename", "dirname", "realpath", "readlink", "cut", "tr", "uniq", "nl",
    "diff",
    "cmp", "comm", "true", "false", "test", "[", "cd", "date", "whoami", "id", "uname", "ps", "sleep", "seq",
    "md5sum", "sha256sum", "column", "hexdump", "xxd", "strings", "jq", "cal", "wait", "pushd", "popd", "exit",
}  # fmt: skip
_GIT = {"status", "log", "show", "diff", "blame", "rev-parse", "ls-files", "ls-tree", "shortlog", "describe",
        "merge-base", "grep", "cat-file", "rev-list", "name-rev",
        "for-each-ref", "show-ref", "count-objects"}  # fmt: skip
_VERSIONS = {"--version", "-V", "-v", "version"}
_NEVER = {
    "find": ("-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint", "-fprintf", "-fls"),
    "sort": ("-o", "--output", "-T", "--compress-program"),
    "sed": ("-i", "--in-place", "-f", "--file", "-s"),
    "rg": ("--pre", "--hostname-bin"),
    "git": (
        "--output",
        "-O",
        "--open-files-in-pager",
        "--ext-diff",
        "--textconv",
        "-c",
        "--exec-path",
        "--paginate",
        "-p",
    ),
    "printf": ("-v",),
    "date": ("-s", "--set"),
    "file": ("-C", "--compile"),
    "tree": ("-o", "--output"),
    "xxd": ("-r",),
}


def only_looks(part: Part, *, inside: bool) -> bool:
    """Whether a part changes nothing. With `inside`, it must not look beyond the working directory either."""
    if part.kind != "run" or not part.words or part.words[0] != part.program:
        # A path before the name, or an assignment: then it may be another program.
        return False
    words = part.literal[1:]
    if any(word.startswith(refused) for refused in _NEVER.get(part.program, ()) for word in words):
        return False
    if part.program in ("cd", "pushd") and inside:
        return False
    if inside and any(_outside(word) for word in words):
        return False
    if part.program == "git":
        return bool(words) and words[0] in _GIT
    if part.program == "sed":
        return len(words) >= 2 and words[0] == "-n" and words[1].rstrip("p").replace(",", "").replace("$", "").isdigit()
    if part.program in ("xxd", "uniq") and len([word for word in words if not word.startswith("-")]) > 1:
        return False
    return part.program in _LOOKING or part.program in ("find", "sort") or _tells_version(words, inside=inside)


def _tells_version(words: Sequence[str], *, inside: bool) -> bool:
    # Where nothing isolates, a program of the tree (an environment's pip) may be what an edit has made of it.
    return not inside and len(words) == 1 and words[0] in _VERSIONS


def _outside(word: str) -> bool:
    value = word.partition("=")[2] if word.startswith("--") else word
    return value.startswith(("/", "~")) or ".." in value.split("/") or "$" in value or "`" in value
