"""Settings about the model server: where they may come from, what they may be, and that they arrive."""

from pathlib import Path

import pytest

from cli.config import Config, commented_defaults, resolve
from cli.errors import UsageError
from cli.launching import settings_of
from serving.probe import ServedModel, ServerInfo

SERVER = ServerInfo("http://server/v1", (ServedModel("m", 65536),), "0.32.0")


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("0", False)])
def test_preserve_thinking_reaches_the_endpoint(text: str, *, value: bool) -> None:
    config = resolve({}, None, {"QWRIGHT_PRESERVE_THINKING": text}).values
    assert settings_of(config, SERVER).endpoint.preserve_thinking is value


def test_left_out_it_is_the_servers_affair() -> None:
    assert settings_of(resolve({}, None, {}).values, SERVER).endpoint.preserve_thinking is None


def test_patience_reaches_the_engine() -> None:
    given = {"QWRIGHT_STALL_SECONDS": "30", "QWRIGHT_PATIENCE_SECONDS": "77.5"}
    settings = settings_of(resolve({}, None, given).values, SERVER)
    assert (settings.stall_s, settings.patience_s) == (30.0, 77.5)


@pytest.mark.parametrize(
    ("key", "value"), [("PRESERVE_THINKING", "perhaps"), ("STALL_SECONDS", "0"), ("PATIENCE_SECONDS", "-1")]
)
def test_nonsense_is_a_sentence_that_names_the_variable(key: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"QWRIGHT_{key}"):
        resolve({}, None, {f"QWRIGHT_{key}": value})


def test_a_repository_may_not_decide_it(tmp_path: Path) -> None:
    (tmp_path / ".qwright.toml").write_text("preserve_thinking = true\n")
    with pytest.raises(UsageError, match="a repository may not decide"):
        resolve({}, tmp_path, {})


def test_every_commented_default_is_valid_once_it_is_uncommented(empty_home: Path) -> None:
    lines = [line.removeprefix("# ") for line in commented_defaults().splitlines() if " = " in line]
    keys = [line for line in lines if line.split(" = ")[0] in Config.model_fields]
    (empty_home / "config.toml").write_text("\n".join(line for line in keys if not line.endswith('""')))
    assert set(resolve({}, None, {}).sources.values()) >= {str(empty_home / "config.toml")}
