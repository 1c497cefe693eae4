"""Cases come from artifacts of strangers' runs: nothing in them leads out of their folder or keeps anybody waiting."""

import os
from pathlib import Path

import pytest

from jobs.triage.each.cases import CasesError, load_cases


@pytest.mark.parametrize("name", ["a.log", "a.md", "a", "b/ci.log", "b/issue.md", "b/previous.log"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ci.log").write_text("FAILED a.py::test_a - secret")
    link = tmp_path / "cases" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside if name == "a" else outside / "ci.log")
    with pytest.raises(CasesError, match="link out of"):
        load_cases(tmp_path / "cases")


def test_a_link_inside_is_a_file_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    (tmp_path / "b.log").symlink_to("a.log")
    assert [case.name for case in load_cases(tmp_path)] == ["a", "b"]


def test_a_pipe_is_no_case(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/ci.log").write_text("x")
    for name in ("p.log", "p.md", "b/issue.md", "b/previous.log"):
        os.mkfifo(tmp_path / name)
    assert [(case.name, len(case.logs), case.previous) for case in load_cases(tmp_path)] == [
        ("a", 1, None),
        ("b", 1, None),
    ]
