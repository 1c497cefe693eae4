"""Pictures from files: found beside the repository, and each fault a sentence."""

from pathlib import Path

import pytest

from agent.pictures import MOST_PICTURES
from cli.attached import attached
from cli.errors import UsageError
from tests.agent.test_pictures import png


def test_paths_are_those_of_the_directory_or_absolute(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(7, 5))
    here, there = attached(["a.png", str(tmp_path / "a.png")], tmp_path)
    assert (here.name, here.width) == ("a.png", 7)
    assert here == there


def test_faults_are_said(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    for paths, words in (
        (["none.png"], "There is no picture"),
        (["."], "There is no picture"),
        (["text.png"], "no PNG, JPEG, GIF or WebP"),
        (["a"] * (MOST_PICTURES + 1), "at most 20"),
    ):
        with pytest.raises(UsageError, match=words):
            attached(paths, tmp_path)
