"""Shell lines and what they would run. Nothing may be missed; what is not certain must be an error."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.permissions.parts import parts_of
from agent.permissions.shell.words import Unparsed

UNDERSTOOD: list[tuple[str, list[str]]] = [
    ("git status && rm -rf x", ["git status", "rm -rf x"]),
    ("a;b|c||d&e\nf", ["a", "b", "c", "d", "e", "f"]),
    ("a |& b", ["a", "b"]),
    ('[[ -n "$(rm x)" && $y == *.py ]] && ls', ["rm x", "ls"]),
    ("until [ -e go ]; do rm x; done", ["'[' -e go ']'", "rm x"]),
    ('[ "$(rm x)" ] || ls', ["rm x", "'[' \"$(rm x)\" ']'", "ls"]),
    ("echo $(rm a) `rm b`", ["rm a", "rm b", "echo $(rm a) `rm b`"]),
    ('echo "$(rm "a b")"', ["rm 'a b'", 'echo "$(rm "a b")"']),
    ("echo `echo \\`rm b\\``", ["rm b", "echo `rm b`", "echo `echo \\`rm b\\``"]),
    ("bash -c 'rm x; ls'", ["rm x", "ls"]),
    ("sh -ec 'rm x'", ["rm x"]),
    ("bash -c \"bash -c 'rm x'\"", ["rm x"]),
    ("eval 'rm x' ';ls'", ["rm x", "ls"]),
    ("FOO=1 timeout -s KILL 5 nice -n 3 nohup rm x", ["FOO=1 rm x"]),
    ("env -u HOME A=b rm x", ["A=b rm x"]),
    ("sudo -u root rm x", ["sudo -u root rm x", "rm x"]),
    ("ls | xargs -n 1 rm -f", ["ls", "xargs -n 1 rm -f", "rm -f …"]),
    ("find . -name a -exec rm {} +", ["find . -name a -exec rm '{}' +", "rm …"]),
    ("cat <<EOF\n$(rm x)\nEOF\nls", ["cat", "rm x", "ls"]),
    ("cat <<'EOF'\n$(rm x)\nEOF\nls", ["cat", "ls"]),
    ("cat <<-EOF > out\n\t`rm x`\n\tEOF\nls", ["cat", "write out", "rm x", "ls"]),
    ("cat <<A <<B\n1\nA\nrm no\nB\nls", ["cat", "ls"]),
    ("(cd a && make) >out 2>&1", ["cd a", "make", "write out"]),
    ("ls 2>/dev/null >> log &> both", ["ls", "write log", "write both"]),
    ("> empty", ["write empty"]),
    ("echo a>b", ["echo a", "write b"]),
    ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
    ('while read x; do rm "$x"; done < f', ["read x", 'rm "$x"']),
    ("for i in $(ls); do rm $i; done", ["ls", "rm $i"]),
    ("for ((i=0; i<3; i++)); do rm $i; done", ["rm $i"]),
    ("f() { rm x; }; f", ["rm x", "f"]),
    ("! { ls; rm x; }", ["ls", "rm x"]),
    ("[[ -f $(rm x) && -d y ]] && ls", ["rm x", "ls"]),
    ("diff <(rm a) >(rm b)", ["rm a", "rm b", "diff <(…) <(…)"]),
    ("echo $((1 + 2)) ${x:-y}", ["echo $((1 + 2)) ${x:-y}"]),
    ("echo $( (rm x) )", ["rm x", "echo $( (rm x) )"]),
    ("echo ok # ; rm x", ["echo ok"]),
    ("echo a#b", ["echo 'a#b'"]),
    ("r\\\nm x", ["rm x"]),
    ("r'm' \"x\"", ["rm x"]),
    ("'if' a", ["if a"]),
    ("x=$(rm y)", ["rm y", "x=$(rm y)"]),
    ("PATH=. ls", ["PATH=. ls"]),
]
NOT_UNDERSTOOD = [
    "$X foo", "`echo rm` x", "{rm,-rf,x}", "/bin/r? x", "case x in a) rm x;; esac", "curl x | sh",
    "curl x | bash -s -- y",
    "bash -c \"$X\"", "eval $X", "eval \"rm $X\"", "echo 'a", 'echo "a', "echo $(rm x", "(rm x", "rm x)", "echo `rm",
    "[[ -v 'a[$(rm y)]' ]]", "[[ 'a[$(rm y)]' -eq 1 ]]", "[[ $x'[`rm y`]' -gt 1 ]]", "[[ a[\\$(rm] -eq 1 ]]",
    "source evil", ". evil", "alias ls=rm", "trap 'rm x' EXIT", "bash <<< 'rm x'", "bash < file", "sh <<EOF\nrm x\nEOF",
    "env -S 'rm x'", "env $X rm", "xargs $X", "a=(1 2)", "x='a[$(rm y)]'; echo $((x))", "echo ${x@P}",
    "echo ${x:-$(rm y)}",
    "coproc rm x", "function f { rm x; }", "select a in b; do rm x; done", "echo $[1]", "echo $(( $(rm x) ))", "a (b)",
    "echo \\", "cat > ", "cat <<EOF\n\"$(rm x)\"\nEOF", "echo\0x", "echo a\rrm x", "$'rm' x", "((a[$(rm x)]))",
    "find . -exec", "timeout $N rm x",
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), UNDERSTOOD, ids=[line for line, _ in UNDERSTOOD])
def test_every_command_is_found(line: str, expected: list[str]) -> None:
    found = [part.text for part in parts_of(line)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("line", NOT_UNDERSTOOD)
def test_what_is_not_certain_is_an_error(line: str) -> None:
    with pytest.raises(Unparsed):
        parts_of(line)


SHELLISH = st.text(st.sampled_from(list("ab $(){}[]`'\"\\;&|<>\n#=*?!-~EOF1")), max_size=60)


@given(SHELLISH)
def test_any_text_is_read_or_refused(line: str) -> None:
    try:
        parts = parts_of(line)
    except Unparsed:
        return
    assert all(part.words for part in parts)


WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0\r`$", exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4
)


@given(WORDS)
def test_quoted_words_come_back_as_they_are(words: list[str]) -> None:
    line = shlex.join(["zz", *words])
    (part,) = parts_of(line)
    assert part.literal == ("zz", *words)
    assert parts_of(part.text) == (part,)


JOINS = st.sampled_from([" && ", " || ", "; ", " | ", " & ", "\n"])
WRAPS = st.sampled_from(["{}", "({})", "echo $({})", "echo `{}`", 'echo "$({})"', "{{ {}; }}", "if {}; then b; fi",
                         "timeout 5 {}", "FOO=1 {}", "sudo {}", "! {}", "bash -c '{}'", "f() {{ {}; }}",
                         "diff <({}) x"])  # fmt: skip


@given(st.lists(st.tuples(WRAPS, JOINS), min_size=1, max_size=4), WRAPS)
def test_a_command_is_found_wherever_it_stands(around: list[tuple[str, str]], first: str) -> None:
    line = first.format("rm -rf x")
    for wrap, join in around:
        line = wrap.format("ls") + join + line
    assert any(part.program == "rm" and part.literal[-2:] == ("-rf", "x") for part in parts_of(line))
