"""The endpoint in the user's settings: everything else stays as it is."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.config import commented_defaults
from serving.serve.errors import SettingsError
from serving.serve.settings import with_values, write_values

URL = "http://127.0.0.1:8000/v1"
CHANGES = {"base_url": URL, "model": "Qwen"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'base_url = "http://127.0.0.1:8000/v1"\nmodel = "Qwen"\n'),
        ('base_url = "x"  # mine\nmodel="y"\n', f'base_url = "{URL}"  # mine\nmodel="Qwen"\n'),
        ("base_url = 'a # b' # why\n", f'base_url = "{URL}" # why\nmodel = "Qwen"\n'),
        (
            '# top\n\n[thinking]\nmodel = "in a table"\n',
            f'# top\nbase_url = "{URL}"\nmodel = "Qwen"\n\n[thinking]\nmodel = "in a table"\n',
        ),
        ("max_steps = 3", f'max_steps = 3\nbase_url = "{URL}"\nmodel = "Qwen"\n'),
        ('# base_url = ""\nx = 1\n', f'# base_url = ""\nbase_url = "{URL}"\nx = 1\nmodel = "Qwen"\n'),
        ('base_url = "x"\r\nmodel = "y"\r\n', f'base_url = "{URL}"\r\nmodel = "Qwen"\r\n'),
    ],
)
def test_only_these_lines_change(before: str, after: str) -> None:
    assert with_values(before, CHANGES) == after
    assert with_values(after, CHANGES) == after


def test_the_commented_defaults_keep_every_comment() -> None:
    before = commented_defaults()
    after = with_values(before, CHANGES)
    assert tomllib.loads(after) == CHANGES
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments
    assert after.index("# base_url") < after.index("\nbase_url") < after.index("# model")


words = st.text(alphabet='ab1 "#\\é[]=', max_size=12)
keys = st.sampled_from(["base_url", "model", "image", "max_steps", "base_url2"])
values = st.one_of(
    words.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.integers().map(str),
    st.just("[\n  [1], # one\n]"),
    st.just('"""\nbase_url = 1\n"""'),
)
rows = st.dictionaries(keys, st.tuples(values, words), max_size=5)


@given(rows, st.dictionaries(keys, values, max_size=3), words)
def test_nothing_else_changes(top: dict[str, tuple[str, str]], table: dict[str, str], wanted: str) -> None:
    text = "".join(f"{key} = {value} # {note}\n" for key, (value, note) in top.items())
    if table:
        text += "\n[extra]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
    try:
        changed = with_values(text, {"base_url": wanted})
    except SettingsError:
        assert "[1]" in text or '"""' in text
        return
    assert tomllib.loads(changed) == tomllib.loads(text) | {"base_url": wanted}
    kept = [line for line in text.splitlines() if not line.startswith("base_url ")]
    assert [line for line in changed.splitlines() if not line.startswith("base_url ")] == kept


def test_the_file_is_replaced_in_one_step_with_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles" / "config.toml", tmp_path / "config.toml"
    real.parent.mkdir()
    real.write_text("# mine\n")
    real.chmod(0o640)
    link.symlink_to(real)
    assert write_values(link, CHANGES)
    assert link.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert tomllib.loads(real.read_text()) == CHANGES
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert not write_values(link, CHANGES)
    assert [path.name for path in real.parent.iterdir()] == ["config.toml"]


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    assert write_values(path, CHANGES)
    assert tomllib.loads(path.read_text()) == CHANGES


@pytest.mark.parametrize("text", ["base_url = \n", 'base_url = """\nx\n"""\n'])
def test_what_cannot_be_edited_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r'left as it is: .*Write into it yourself: base_url = "http'):
        write_values(path, CHANGES)
    assert path.read_text() == text
