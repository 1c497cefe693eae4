"""The person's file of rules: kept per project, refused when it is broken, never taken from a repository."""

from pathlib import Path

import pytest

from agent.permissions.rules import rule_of
from cli.errors import UsageError
from cli.permissions_file import add_rules, permissions_file, remove_rule, rules_for


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))


def test_rules_are_kept_for_their_project_alone() -> None:
    make, push = rule_of("allow", "bash: make *"), rule_of("deny", "bash: git push *")
    add_rules("/a", [make])
    add_rules("/a", [make, push])
    add_rules("*", [push])
    assert rules_for("/a") == (push, push, make)
    assert rules_for("/b") == (push,)
    assert 'allow = [\n    "bash: make *",\n]' in permissions_file().read_text()
    remove_rule("/a", push)
    assert rules_for("/a") == (make,)


def test_a_broken_file_is_never_taken_for_an_empty_one() -> None:
    permissions_file().parent.mkdir(parents=True)
    permissions_file().write_text('["/a"]\ndeny = ["git push"]\n')
    with pytest.raises(UsageError, match="cannot be used"):
        rules_for("/a")


def test_a_repository_cannot_grant_itself_anything(tmp_path: Path) -> None:
    repository = tmp_path / "hostile"
    (repository / ".qwright").mkdir(parents=True)
    text = f'["{repository}"]\nallow = ["bash: *"]\n["*"]\nallow = ["bash: *"]\n'
    for place in (repository / "permissions.toml", repository / ".qwright" / "permissions.toml"):
        place.write_text(text)
    assert rules_for(str(repository)) == ()
