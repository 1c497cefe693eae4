"""Decisions: modes, rules, places, what "always" offers, and the file that keeps it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.permissions.book import book_of, text_of
from agent.permissions.decide import Action, Decision, decide
from agent.permissions.modes import MODES, Mode, mode_named, next_mode
from agent.permissions.permissions import Permissions
from agent.permissions.risks import Place
from agent.permissions.rules import Rule, Verb, rule_of

BOX, TREE, ONLINE = Place(), Place(bound=True), Place(network=True, bound=True)
HERE = Place(isolated=False, network=True, bound=True, workdir="/home/me/repo")


def bash(line: str, mode: Mode = "ask", *rules: Rule, place: Place = TREE, person: bool = True) -> Decision:
    return decide(Action("bash", "execute", command=line), mode, rules, place, person=person)


def edit(path: str, mode: Mode, *rules: Rule, place: Place = TREE) -> Decision:
    return decide(Action("str_replace_editor", "write", path=path), mode, rules, place, person=True)


def allow(line: str) -> Rule:
    return rule_of("allow", line)


LOOKING = ["ls -la src", "git status", "git diff HEAD~1 | head -20", "cat a.py; grep -rn x .", "rg foo",
           "sed -n 1,20p a.py",
           "find . -name '*.py'", "cd src && ls", "python --version", "ls 2>/dev/null"]  # fmt: skip
DOING = ["rm x", "git commit -m x", "git -c core.pager=evil log", "find . -delete", "sed -i s/a/b/ f",
         "sed -n '1e rm x' f",
         "rg --pre evil x", "git diff --output=x", "sort -o x y", "echo a > b", "PATH=. ls", "./ls", "ls $(rm x)", "$X",
         "git log --ext-diff", "find . -exec rm {} +", "uniq a b", "pytest", "printf -v x y",
         "git branch -D main", "x=1"]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_the_models_own_task_list_is_nobodys_business(mode: Mode) -> None:
    assert decide(Action("task_list", "write"), mode, (), TREE, person=True).word == "allow"
    assert decide(Action("other_tool", "write"), "plan", (), TREE, person=True).word == "refuse"


@pytest.mark.parametrize("line", LOOKING)
@pytest.mark.parametrize("mode", MODES)
def test_looking_around_is_never_asked(line: str, mode: Mode) -> None:
    assert bash(line, mode).word == "allow"


@pytest.mark.parametrize("line", DOING)
def test_doing_is_asked_or_refused(line: str) -> None:
    assert bash(line, "ask").word == "ask"
    assert bash(line, "plan").word == "refuse"


def test_modes_differ_in_what_they_ask() -> None:
    assert [edit("a.py", mode).word for mode in MODES] == ["ask", "allow", "allow", "refuse"]
    assert [bash("pytest", mode).word for mode in MODES] == ["ask", "ask", "allow", "refuse"]
    assert [bash("echo a > b", mode).word for mode in MODES] == ["ask", "allow", "allow", "refuse"]


SELDOM = ["git push", "git -C x push origin", "/usr/bin/git push", "npm publish", "curl -d @f http://x",
          "ls | xargs git push",
          "bash -c 'git push'", "FOO=1 timeout 5 git push", "rm -rf .", "rm -rf *", "rm .env", "rm -rf $X",
          "git clean -fdx",
          "find . -name x -delete", "rm -r /workspace", "$(make) x"]  # fmt: skip
OFTEN = ["pytest -q", "rm -rf build", "rm a.py", "make", "pip install x", "git fetch", "curl http://x", "git clean -fd",
         "python - <<'E'\nprint(1)\nE", "git commit -m 'push it'", "echo 'rm -rf .'", "rm -rf /tmp/x"]  # fmt: skip


@pytest.mark.parametrize("line", SELDOM)
def test_what_leaves_the_sandbox_or_is_lost_for_good_is_asked(line: str) -> None:
    assert bash(line, "auto", place=ONLINE).word == "ask"
    assert bash(line, "auto", place=BOX).word == "allow"
    assert bash(line, "auto", place=ONLINE, person=False).word == "refuse"


@pytest.mark.parametrize("line", OFTEN)
def test_work_in_the_sandbox_is_not_asked(line: str) -> None:
    assert bash(line, "auto", place=ONLINE).word == "allow"


def test_without_isolation_everything_that_runs_is_asked() -> None:
    for line in (
        "pytest",
        "cat /etc/passwd",
        "cat ~/.ssh/id_rsa",
        "cat < /etc/passwd",
        "ls ../..",
        "echo a > b",
        "cd / && ls",
    ):
        assert bash(line, "auto", place=HERE).word == "ask", line
    assert bash("ls src", "auto", place=HERE).word == "allow"
    assert bash("pytest", "auto", allow("bash: pytest *"), place=HERE).word == "allow"
    assert edit("/home/me/repo/a.py", "auto", place=HERE).word == "allow"
    # Nobody is there, and whoever started it named the sandbox "local".
    assert bash("pytest", "auto", place=HERE, person=False).word == "allow"


def test_a_grant_holds_for_its_own_part_alone() -> None:
    asked = bash("git stash && rm -rf build")
    assert [one.part for one in asked.suggestions] == ["git stash", "rm -rf build"]
    assert asked.suggestions[0].pattern == "bash: git stash *"
    assert asked.suggestions[1].pattern == ""
    granted = [allow(asked.suggestions[0].pattern)]
    assert bash("git stash && rm -rf build", "ask", *granted).word == "ask"
    assert bash("git stash pop", "ask", *granted).word == "allow"
    exact = allow(asked.suggestions[1].exact)
    assert bash("git stash && rm -rf build", "ask", *granted, exact).word == "allow"
    assert bash("rm -rf src", "ask", exact).word == "ask"


@pytest.mark.parametrize(
    "line", ["npm test > ~/.bashrc", "X=1 npm test", "./npm test", "npm test; x", "npm test $(x)", "npm `x` test"]
)
def test_an_allowed_pattern_allows_nothing_beside_it(line: str) -> None:
    assert bash(line, "ask", allow("bash: npm test *"), place=HERE).word == "ask"


@pytest.mark.parametrize(
    "line",
    [
        "git push",
        "/usr/bin/git push x",
        "A=1 git -C d push",
        "ls; sudo git push",
        "bash -c 'git push'",
        "$X",
        "echo $(git push)",
    ],
)
def test_denying_beats_all(line: str) -> None:
    rules = [rule_of("deny", "bash: git push *"), allow("bash: *"), allow("bash: git push *")]
    assert bash(line, "auto", *rules, place=BOX).word != "allow"
    if line != "$X":
        assert "forbids" in bash(line, "auto", *rules, place=BOX).reason


def test_asking_beats_allowing_and_files_have_rules_too() -> None:
    rules = [rule_of("ask", "edit: *.lock"), allow("edit: src/**")]
    assert edit("/workspace/src/a/b.py", "ask", *rules).word == "allow"
    assert edit("x.lock", "auto", *rules).word == "ask"
    assert edit("src/../b.py", "ask", *rules).word == "ask"
    assert edit("../src/b.py", "ask", *rules, allow("edit: **")).word == "ask"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(
    st.dictionaries(TEXT, st.lists(st.tuples(st.sampled_from(["deny", "ask", "allow"]), TEXT), max_size=3), max_size=3)
)
def test_the_file_gives_back_what_was_written(kept: dict[str, list[tuple[Verb, str]]]) -> None:
    book = {
        project: tuple(Rule(verb, "edit", what.strip()) for verb, what in rules if what.strip())
        for project, rules in kept.items()
    }
    again = book_of(text_of(book))
    assert {key: set(rules) for key, rules in again.items()} == {
        key: set(rules) for key, rules in book.items() if rules
    }


@given(st.lists(TEXT.filter(lambda text: "\0" not in text and "\r" not in text), min_size=1, max_size=4))
def test_what_is_offered_as_exact_allows_this_and_nothing_longer(words: list[str]) -> None:
    import shlex

    line = shlex.join(["zz", *words])
    (offered,) = bash(line).suggestions
    if offered.exact:
        rule = allow(offered.exact)
        assert bash(line, "ask", rule).word == "allow"
        assert bash(f"{line} more", "ask", rule).word == "ask"


@pytest.mark.parametrize(
    "text", ["x", "[a]\nallow = 1", "[a]\nmay = []", "[a]\nallow = ['bash']", "a = 1", "[a]\nallow = ['bash: a; b']"]
)
def test_a_file_that_says_nothing_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        book_of(text)


def test_modes_go_round_and_plan_mode_knows_the_way_back() -> None:
    mode: Mode = "ask"
    for _ in MODES:
        mode = next_mode(mode)
    assert mode == "ask"
    assert mode_named("Accept edits") == "edits"
    assert mode_named("x") is None
    permissions = Permissions(mode="edits")
    permissions.change("plan")
    permissions.change("plan")
    assert permissions.before_plan == "edits"


@pytest.mark.parametrize(
    "path", [".git/config", ".git/hooks/post-checkout", "sub/.git/config", "sub/.GIT/config", ".git"]
)
@pytest.mark.parametrize("mode", ["ask", "edits", "auto"])
def test_on_this_machine_an_edit_of_gits_own_files_is_asked(path: str, mode: Mode) -> None:
    """Git runs what its configuration and hooks say, and looking at its status is never asked."""
    allowed = rule_of("allow", "edit: **")
    assert bash("git status", mode, place=HERE).word == "allow"
    for rules in ((), (allowed,)):
        assert edit(f"{HERE.workdir}/{path}", mode, *rules, place=HERE).word == "ask"
    assert edit(f"{HERE.workdir}/src/git.py", mode, allowed, place=HERE).word == "allow"
    assert edit(f"/workspace/{path}", "auto", place=BOX).word == "allow"


def test_on_this_machine_a_program_that_tells_its_version_is_a_program() -> None:
    """It may be one of the tree, which an edit has changed."""
    assert bash("pip --version", "auto", place=HERE).word == "ask"
    assert bash("pip --version", "ask", place=BOX).word == "allow"
