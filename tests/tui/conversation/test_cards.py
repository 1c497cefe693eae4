"""Cards of calls: what each kind of tool shows, folded and open, at any width."""

import json
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.conversation.look import Look
from tui.conversation.side_by_side import paired
from tui.conversation.tool_lines import tool_lines
from tui.model.blocks import ToolBlock
from tui.model.diff_rows import diff_rows

DIFF = "--- a/c.py\n+++ b/c.py\n@@ -1,3 +1,3 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n end\n"


State = Literal["running", "waiting", "ok", "failed"]


def block(
    tool: str, output: str = "", *, summary: str = "", diff: str = "", state: State = "ok", **given: str
) -> ToolBlock:
    return ToolBlock("c", tool, json.dumps(given), state, output, summary, diff)


def told(one: ToolBlock, width: int = 80, *, folded: bool = True, now: float = 0.0) -> list[str]:
    return [strip.text.rstrip() for strip in tool_lines(one, Look(width, now=now), folded=folded)]


LONG = "".join(f"line {number}\n" for number in range(40))


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        (block("bash", "a\nb\n", command="ls"), ["✓ bash ls", "  a", "  b"]),
        (
            block("bash", "x", command="make", state="failed", summary="make (exit 2, 1.0 s)"),
            ["✗ bash make  exit 2", "  x"],
        ),
        (
            block("str_replace_editor", "1 x", summary="c.py, lines 1-1 of 1", command="view", path="c.py"),
            ["✓ read c.py, lines 1-1 of 1"],
        ),
        (block("search", "c.py:1:x", summary="search x: 1 match", pattern="x"), ["✓ search x: 1 match"]),
        (block("search", "bad pattern", pattern="(", state="failed"), ["✗ search (", "  bad pattern"]),
        (
            block("task_list", "1 of 3 done\n- [x] one\n- [>] two\n  - [ ] three", summary="1 of 3 done; now: two"),
            ["✓ tasks 1 of 3 done; now: two", "  ✓ one", "  ▸ two", "    ○ three"],
        ),
        (block("present_plan", plan="1. do it\n2. test it"), ["✓ plan", "  1. do it", "  2. test it"]),
        (block("bash", command="ls", state="waiting"), ["○ bash ls  waits"]),
    ],
)
def test_a_card_for_each_tool(one: ToolBlock, lines: list[str]) -> None:
    assert told(one) == lines


def test_long_output_is_folded_with_a_count_and_opens() -> None:
    one = block("bash", LONG, command="seq")
    assert told(one)[:2] == ["✓ bash seq", "  … 34 lines above"]
    assert told(one, folded=False) == ["✓ bash seq", *(f"  line {number}" for number in range(40))]
    huge = block("bash", "x\n" * 2_000, command="yes")
    assert told(huge, folded=False)[1] == "  … 1,500 lines above; o shows all"


def test_a_few_lines_that_are_very_long_are_folded_too() -> None:
    one = block("bash", "short\n" + "z" * 5_000 + "\nend", command="x")
    lines = told(one)
    assert len(lines) == 1 + 1 + 12
    assert (lines[1], lines[-1]) == ("  … 55 rows of long lines above", "  end")
    opened = "".join(line.strip() for line in told(one, folded=False))
    assert opened.count("z") == 5_000
    new = block("str_replace_editor", command="create", path="m.js", diff="@@ -0,0 +1 @@\n+" + "y" * 5_000)
    lines = told(new)
    assert len(lines) == 1 + 24 + 1
    assert lines[-1] == "  … 44 rows of long lines more"


def test_a_running_call_turns_and_counts_seconds() -> None:
    one = block("bash", command="sleep 9", state="running")
    one.began = 10.0
    assert told(one, now=10.0) == ["⠋ bash sleep 9"]
    assert told(one, now=12.5) == ["⠋ bash sleep 9  2.5 s"]
    assert told(one, now=12.25)[0][0] != told(one, now=12.5)[0][0]


def test_diffs_stand_beside_each_other_where_there_is_room() -> None:
    one = block("str_replace_editor", command="str_replace", path="c.py", diff=DIFF)
    assert told(one)[2:4] == ["  2 -     return a - b", "  2 +     return a + b"]
    wide = told(one, 140)
    assert "2 -     return a - b" in wide[2]
    assert "2 +     return a + b" in wide[2]
    assert len(wide) == 4


def test_pairs_keep_every_row() -> None:
    rows = diff_rows(DIFF + "@@ -9,2 +9,3 @@\n-x\n+y\n+z\n w\n")
    pairs = list(paired(rows))
    assert [left for left, _ in pairs if left] == [row for row in rows if row.sign != "+"]
    assert [right for _, right in pairs if right] == [row for row in rows if row.sign != "-"]


@given(
    st.text(st.sampled_from("ab 漢字かな한국é\t\n\x1b[31m"), max_size=300),
    st.integers(12, 60),
    st.sampled_from(["bash", "search", "task_list", "present_plan", "str_replace_editor", "other"]),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_no_line_is_wider_than_the_screen(text: str, width: int, tool: str, folded: bool) -> None:
    one = block(
        tool, f"{text}\n- [ ] {text}", summary=text, command=text, plan=text, diff=f"@@ -1 +1 @@\n-{text}\n+{text}x"
    )
    for made in (one, block(tool, text, command=text, state="failed")):
        assert all(cell_len(row.text) <= width for row in tool_lines(made, Look(width), folded=folded))
