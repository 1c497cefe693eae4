"""The `[thinking]` table: layered, checked, wrong names and values said in sentences."""

from pathlib import Path

import pytest

from cli.config import PROJECT_FILE, Config, resolve
from cli.errors import UsageError


@pytest.fixture(autouse=True)
def _own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))


def settled(folder: Path, project: str, user: str = "", flag: str | None = None, **environment: str) -> Config:
    (folder / PROJECT_FILE).write_text(project)
    (folder / "config" / "config.toml").write_text(user)
    return resolve({"thinking": flag}, folder, environment).values


def test_a_table_sets_policy_budgets_and_rows(tmp_path: Path) -> None:
    table = '[thinking]\npolicy = "first"\nbudgets = { first = 100, stock = 0 }\nrows = { taking_stock = false }\n'
    config = settled(tmp_path, table)
    assert config.thinking == "first"
    assert config.thinking_budgets == {"first": 100, "stock": 0}
    assert config.thinking_rows == {"taking_stock": False}


def test_layers_add_up_name_by_name_and_the_flag_has_the_last_word(tmp_path: Path) -> None:
    user = "[thinking.budgets]\nfirst = 1\nother = 2\n[thinking.rows]\nreview = false\n"
    project = '[thinking]\npolicy = "never"\n[thinking.budgets]\nfirst = 3\n'
    config = settled(tmp_path, project, user)
    assert (config.thinking, config.thinking_budgets) == ("never", {"first": 3, "other": 2})
    assert config.thinking_rows == {"review": False}
    surrounded = settled(tmp_path, project, user, QWRIGHT_THINKING="first", QWRIGHT_THINKING_BUDGETS="other=0, stuck=7")
    assert (surrounded.thinking, surrounded.thinking_budgets) == ("first", {"first": 3, "other": 0, "stuck": 7})
    assert settled(tmp_path, project, user, "always", QWRIGHT_THINKING="first").thinking == "always"
    assert settled(tmp_path, 'thinking = "always"\n', user).thinking_budgets == {"first": 1, "other": 2}


@pytest.mark.parametrize(
    ("project", "words"),
    [
        ('thinking = "sometimes"', ["thinking", "sometimes", "auto"]),
        ('[thinking]\npolicy = "sometimes"', ["thinking", "sometimes", "auto"]),
        ('[thinking]\npolcy = "auto"', ["[thinking] has no setting 'polcy'", "did you mean 'policy'"]),
        ("[thinking]\nbudgets = 5", ["[thinking.budgets] must be a table", "5"]),
        ("[thinking.budgets]\nfrist = 5", ["knows no 'frist'", "did you mean 'first'"]),
        ("[thinking.budgets]\nfirst = -1", ["first must be a number of tokens", "-1"]),
        ('[thinking.budgets]\nfirst = "many"', ["first must be a number of tokens", "many"]),
        ("[thinking.budgets]\nfirst = true", ["first must be a number of tokens"]),
        ("[thinking.rows]\nzzz = true", ["knows no 'zzz'", "taking_stock"]),
        ("[thinking.rows]\nreview = 1", ["review must be true or false", "1"]),
        ("[thinking.rows]\nrunaway = false", ["knows no 'runaway'"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, project: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        settled(tmp_path, project)
    assert str(tmp_path / PROJECT_FILE) in str(raised.value)
    assert all(word in str(raised.value) for word in words), str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("QWRIGHT_THINKING", "sometimes", "sometimes"),
        ("QWRIGHT_THINKING_BUDGETS", "first", "'first' is no name=value"),
        ("QWRIGHT_THINKING_BUDGETS", "first=x", "first must be a number"),
        ("QWRIGHT_THINKING_ROWS", "review=no", "review must be true or false"),
    ],
)
def test_what_is_wrong_in_the_environment(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(UsageError, match=r"QWRIGHT_THINKING|environment") as raised:
        settled(tmp_path, "", **{name: value})
    assert words in str(raised.value)
