"""Commands that would wait for a terminal, recognised before they are run (pure)."""

import re
import shlex

_ALWAYS = {
    "vim", "vi", "nvim", "view", "nano", "pico", "emacs", "less", "more", "top", "htop", "watch", "tmux", "screen",
}  # fmt: skip
_BARE = {
    "python", "python2", "python3", "ipython", "node", "irb", "ghci", "bash", "sh", "zsh", "fish", "psql", "mysql",
    "sqlite3", "gdb", "pdb", "bc", "ftp", "R", "lua", "php", "scala",
}  # fmt: skip
_BATCH_OPTIONS = {
    "vim": {"-es", "-Es", "-e", "-s", "--version", "--help"},
    "emacs": {"--batch", "-batch", "--version"},
    "top": {"-b", "-bn1", "-n1"},
}
_INSTEAD = {
    "less": "use str_replace_editor view, sed -n or cat",
    "more": "use str_replace_editor view, sed -n or cat",
    "top": "use top -bn1 or ps",
    "htop": "use top -bn1 or ps",
    "watch": "run the command once",
}
_PREFIXES = {"sudo", "env", "time", "nohup", "exec", "command"}
_SEPARATORS = {"&&", "||", ";", "&", "(", ")", "|", "|&"}
_ASSIGNMENT = re.compile(r"\w+=")


def interactive_program(command: str) -> str | None:
    """A sentence about the first interactive program on the command's first line, or None.

    Only the first line is read: later ones may be the text of a here-document. What cannot be split is let through.
    """
    try:
        lexer = shlex.shlex(command.strip().split("\n", 1)[0], posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return None
    start, piped_in = 0, False
    for at in range(len(words) + 1):
        if at == len(words) or words[at] in _SEPARATORS:
            piped_out = at < len(words) and words[at].startswith("|") and words[at] != "||"
            found = _judge(words[start:at], piped_in=piped_in, piped_out=piped_out)
            if found:
                return found
            start, piped_in = at + 1, piped_out
    return None


def _judge(words: list[str], *, piped_in: bool, piped_out: bool) -> str | None:
    while words and (words[0] in _PREFIXES or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    if not words or piped_in or piped_out:
        return None
    program, rest = words[0].rpartition("/")[2], words[1:]
    if any(word.startswith("<") for word in rest):
        return None
    if program in _ALWAYS:
        key = "vim" if program in ("vi", "nvim", "view") else program
        if _BATCH_OPTIONS.get(key, set()) & set(rest):
            return None
        instead = _INSTEAD.get(program, "edit with str_replace_editor, or with sed or a script")
        return f"{program} needs a terminal, and there is none here; {instead}."
    redirected = [word for word in rest if word not in (">", ">>", ">&", "&>")]
    if (program in _BARE and not redirected) or (program.startswith("python") and redirected == ["-i"]):
        return (
            f"{program} without a script would wait for a terminal, and there is none here; "
            "give it a script, -c 'code', or a here-document."
        )
    if program == "git" and rest[:1] in (["rebase"], ["add"]) and {"-i", "-p", "--interactive", "--patch"} & set(rest):
        return f"git {rest[0]} with {rest[1]} asks questions on a terminal, and there is none here."
    return None
