"""Ignore rules that hold git up, and gits that never end."""

import os
from pathlib import Path

import pytest

from sandboxes.tree.gitcmd import GitFailed, run_git
from sandboxes.tree.ignores import IgnoreRules
from sandboxes.tree.shadow import ShadowStore


async def test_patterns_without_end_are_given_up(tmp_path: Path) -> None:
    store = ShadowStore(tmp_path)
    store.create("*.local\n")
    notes: list[str] = []
    rules = IgnoreRules(store.git_dir, tmp_path / "rules", notes.append, limit_s=0.5)
    rules.update(".gitignore", b"*.log\n")
    assert await rules.ignored(["a.log", "a.local", "a.py"]) == {"a.log", "a.local"}
    rules.update(".gitignore", b"**/a/" * 20 + b"b\n")
    assert await rules.ignored(["a/" * 60 + "c", "a.log", "a.local", "a.pyc"]) == {"a.local", "a.pyc"}
    assert await rules.ignored(["a/" * 60 + "c"]) == set()
    assert notes == ["The tree's .gitignore files held git up for over 0.5 seconds and are not used any more."]


async def test_a_git_that_does_not_end_is_a_sentence(tmp_path: Path) -> None:
    store = ShadowStore(tmp_path)
    store.create()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GitFailed, match=r"did not end within 0.2 seconds"):
        await run_git("config", "--file", str(tmp_path / "pipe"), "--list", git_dir=store.git_dir, limit_s=0.2)
