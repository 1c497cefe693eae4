"""What the calls of a step were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.json_types import JsonObject
from agent.thinking.experience import StepKind
from agent.thinking.observed import MadeCall, kind_of, observe


def bash(command: str, *, ok: bool = True) -> MadeCall:
    return MadeCall("bash", {"command": command}, "execute", ok)


def editor(*, ok: bool = True, **arguments: str) -> MadeCall:
    effect = "read" if arguments.get("command") == "view" else "write"
    return MadeCall("str_replace_editor", dict(arguments), effect, ok)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("pytest -q 2>&1 | tail -5", "test"),
        ("cd /work && python -m unittest", "test"),
        ("ls -la", "read"),
        ("cd src && grep -rn 'x' .", "read"),
        ("sed -n 1,20p a.py", "read"),
        ("git diff 2>/dev/null", "read"),
        ("sed -i 's/a/b/' a.py", "edit"),
        ("sed -E -i.bak 's/a/b/' a.py", "edit"),
        ("cat > a.py <<'EOF'\nx = 1\nEOF", "edit"),
        ("echo x >> notes.txt", "edit"),
        ("git apply fix.patch", "edit"),
        ("python reproduce.py", "command"),
        ("python reproduce.py > /dev/null 2>&1", "command"),
        ("make -j2", "command"),
        ("python -c 'f = lambda: 1 if 2 >= 1 else 0'", "command"),
    ],
)
def test_kinds_of_commands(command: str, kind: StepKind) -> None:
    assert kind_of(bash(command)) == kind


def test_kinds_of_tools() -> None:
    assert kind_of(editor(command="view", path="a")) == "read"
    assert kind_of(editor(command="create", path="a", file_text="x")) == "edit"
    assert kind_of(MadeCall("task_list", {"tasks": "- [ ] a"}, "write", True)) == "read"
    assert kind_of(MadeCall("search", {"pattern": "x"}, "read", True)) == "read"


def test_the_size_of_a_change() -> None:
    seen = observe([editor(command="create", path="a", file_text="x" * 4400)])
    assert (seen.kind, seen.written, seen.edited) == ("edit", 1000, True)
    assert observe([editor(command="create", path="a", file_text="x" * 4400, ok=False)]).written == 0
    assert observe([bash("cat > a <<'E'\n" + "y" * 4386 + "\nE")]).written == pytest.approx(1000, abs=5)
    two = [editor(command="str_replace", path="a", old_str="o" * 999, new_str="n" * 440)] * 2
    assert observe(two).written == 200


def test_a_task_list_is_no_change_of_the_files() -> None:
    assert not observe([MadeCall("task_list", {"tasks": "- [ ] a"}, "write", True, "0 of 1 done")]).edited


@pytest.mark.parametrize(
    ("call", "closing"),
    [
        (bash("git diff"), True),
        (bash("cd x && git --no-pager status --short"), True),
        (bash("git diff", ok=False), False),
        (bash("git log"), False),
        (MadeCall("task_list", {}, "write", True, "3 of 3 done\n- [x] a"), True),
        (MadeCall("task_list", {}, "write", True, "2 of 3 done; now: b"), False),
        (MadeCall("task_list", {}, "write", True, "13 of 3 done"), False),
    ],
)
def test_what_comes_before_submitting(call: MadeCall, closing: bool) -> None:
    assert observe([call]).closing is closing


def test_the_weightiest_call_names_the_step() -> None:
    assert observe([bash("ls"), bash("make")]).kind == "command"
    assert observe([bash("make"), editor(command="create", path="a", file_text="x")]).kind == "edit"
    assert observe([bash("sed -i s/a/b/ x && pytest")]).kind == "test"
    assert observe([bash("sed -i s/a/b/ x && pytest")]).edited


@given(
    st.lists(
        st.builds(
            MadeCall,
            st.sampled_from(["bash", "str_replace_editor", "task_list", "nonsense"]),
            st.dictionaries(
                st.sampled_from(["command", "new_str", "file_text"]), st.text() | st.none() | st.integers()
            ),
            st.sampled_from(["read", "write", "execute"]),
            st.booleans(),
            st.text(),
        )
    )
)
def test_any_calls_are_observed(calls: list[MadeCall]) -> None:
    seen = observe(calls)
    assert seen.written >= 0
    assert seen.edited or seen.written == 0
    arguments: JsonObject = {}
    assert observe([*calls, MadeCall("bash", arguments, "execute", False)]).closing is False
