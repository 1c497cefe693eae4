"""What a user sees when something is missing or wrong: a sentence, an exit code, no traceback."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Product

DEAD = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run"], 2, "Give the task"),
        (["run", "x", "--task-file", "y"], 2, "Give the task"),
        (["run", "--task-file", "no-such-file"], 2, "no-such-file"),
        (["run", "   "], 2, "empty"),
        (["run", "x", "--max-steps", "-3"], 2, "--max-steps is -3"),
        (["run", "x", "--apply", "--workspace", "bind"], 2, "the tree itself is edited"),
        (["run", "x", "--workspace", "bind", "--repo", "image:/x"], 2, "is always copied"),
        (["run", "x", "--sandbox", "local", "--network", "none", "--cpus", "1"], 2, "--network and --cpus"),
        (["run", "x", "--env", "NOT_SET_HERE"], 2, "--env NOT_SET_HERE: NOT_SET_HERE is not set here"),
        (["run", "x", "--memory", "lots"], 2, "'lots' is no size"),
        (["run", "x", "--patch-out", "-"], 2, "standard output has the patch"),
        (["run", "x", "--apply", "--repo", "image:/testbed"], 2, "--patch-out"),
        (["run", "x", "--sandbox", "local", "--base-url", DEAD], 3, "Cannot reach the model server"),
        (["run", "x", "--sandbox", "local", "--base-url", "localhost:8000"], 3, "http://HOST:8000/v1"),
        (["run", "x", "--sandbox", "local", "--repo", "nowhere", "--base-url", DEAD], 2, "nowhere"),
        (["resume", "last"], 2, "no session yet"),
        (["replay", "nope"], 2, "nope"),
        (["sessions", "show", "nope"], 2, "nope"),
    ],
)
def test_wrong_input_gets_a_sentence(product: Product, arguments: list[str], code: int, words: str) -> None:
    done = product.run(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_settings_name_their_source(product: Product) -> None:
    config = product.folder / "config"
    config.mkdir()
    (config / "config.toml").write_text('thinking = "sometimes"\n')
    done = product.run("config")
    assert done.returncode == 2
    assert "thinking" in done.stderr
    assert str(config / "config.toml") in done.stderr
    (config / "config.toml").write_text('model = "from-file"\n')
    shown = product.run("config", QWRIGHT_BASE_URL="http://elsewhere:1/v1", QWRIGHT_API_KEY="secret-key").stdout
    lines = {line.split()[0]: line for line in shown.splitlines()}
    assert "config.toml" in lines["model"]
    assert "QWRIGHT_BASE_URL" in lines["base_url"]
    assert "default" in lines["image"]
    assert "secret-key" not in shown


def test_a_repository_may_not_redirect_requests(product: Product, tmp_path: Path) -> None:
    (tmp_path / ".qwright.toml").write_text('base_url = "http://evil.example/v1"\n')
    done = product.run("run", "x", "--repo", str(tmp_path))
    assert done.returncode == 2
    assert "a repository may not decide" in done.stderr


def test_a_projects_file_is_a_small_file_of_its_own(product: Product, tmp_path: Path) -> None:
    file = tmp_path / ".qwright.toml"
    file.symlink_to("/dev/zero")
    assert "symbolic link" in product.run("run", "x", "--repo", str(tmp_path)).stderr
    file.unlink()
    file.write_text("#" * 100_000)
    assert "too large" in product.run("run", "x", "--repo", str(tmp_path)).stderr
    file.write_text('image = "evil.example/steal:data"\n')
    done = product.run("run", "x", "--repo", str(tmp_path))
    assert (done.returncode, "a repository may not decide" in done.stderr) == (2, True)


def test_a_sentence_cannot_drive_the_terminal(product: Product) -> None:
    done = product.run("run", "x", "--repo", "\x1b]0;owned\x07")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_init_writes_a_file_that_changes_nothing(product: Product) -> None:
    before = product.run("config").stdout
    assert product.run("config", "init").returncode == 0
    assert product.run("config").stdout == before
    assert product.run("config", "init").returncode == 2
