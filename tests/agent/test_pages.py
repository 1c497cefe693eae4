"""Pages drawn from the code are written, or compared and named when they are stale."""

import sys
from pathlib import Path

import pytest

from agent.pages import between, keep


def run(monkeypatch: pytest.MonkeyPatch, page: Path, text: str, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["page", *words])
    return keep(page, text)


def test_a_page_is_written_then_fresh_then_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new" / "page.md"
    assert run(monkeypatch, page, "one", "--check") == 1
    assert run(monkeypatch, page, "one") == 0
    assert run(monkeypatch, page, "one", "--check") == 0
    assert run(monkeypatch, page, "two", "--check") == 1
    assert page.read_text() == "one"
    assert capsys.readouterr().err.count(f"{page} is stale; run `make docs`.") == 2


def test_a_part_is_renewed_between_its_marks() -> None:
    assert between("a<b>old</b>c", "<b>", "</b>", "new") == "a<b>new</b>c"
    for page, mark in (("a</b>c", "<b>"), ("a<b>c", "</b>")):
        with pytest.raises(ValueError, match=f"lacks the mark '{mark}'"):
            between(page, "<b>", "</b>", "new")
