"""Where custom commands and skills are found, and what is not read."""

from pathlib import Path

import pytest

from cli.pair.custom_files import projects_commands, users_commands
from tests.fakes.sandbox import FolderSandbox


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


async def test_the_projects_are_read_through_the_sandbox(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(
        tree,
        **{
            ".qwright/commands/review.md": "Review it.",
            ".qwright/commands/git/fix.md": "Fix it.",
            ".claude/commands/old.md": "Old.",
            ".qwright/skills/pdf/SKILL.md": "---\ndescription: Read PDFs\n---\nUse pdftotext.",
            ".qwright/skills/pdf/notes.md": "no command",
            ".qwright/commands/data.txt": "no command",
        },
    )
    secret = tmp_path / "secret"
    secret.write_text("key")
    (tree / ".qwright/commands/steal.md").symlink_to(secret)
    (tmp_path / "scratch").mkdir()
    found = await projects_commands(FolderSandbox(tree, tmp_path / "scratch"))
    assert [(each.name, each.source) for each in found] == [
        ("git:fix", "project"),
        ("review", "project"),
        ("pdf", "project"),
        ("old", "project"),
    ]
    assert found[2].folder == ".qwright/skills/pdf"
    assert all("key" not in each.text for each in found)


def test_the_users_own_stand_beside_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path))
    assert users_commands() == []
    write(tmp_path, **{"commands/mine.md": "Mine.", "skills/s/SKILL.md": "S."})
    assert [(each.name, each.source, each.folder) for each in users_commands()] == [
        ("mine", "yours", ""),
        ("s", "yours", ""),
    ]
