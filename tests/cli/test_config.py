"""Settings: what is wrong is said in our words, secrets are not repeated, a project may not loosen the sandbox."""

import re
from pathlib import Path

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from agent.opening import tool_settings
from agent.settings import Endpoint, Settings
from cli.config import PROJECT_MAY_SET, Config, commented_defaults, resolve, shown
from cli.errors import UsageError
from cli.given import checked, names, values
from cli.place import PlaceSpec
from cli.settled import unknown_variables
from cli.thinking_config import LAYERED
from serving.doctor.server import Wanted
from tui.faces.setup import Choice

PYDANTIC = (
    "Input should",
    "validation error",
    "type=",
    "pydantic",
    "Field required",
    "unable to parse",
    "Extra inputs",
)


@pytest.fixture(autouse=True)
def _own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))


def refused(
    flags: dict[str, object] | None = None, environment: dict[str, str] | None = None, project: Path | None = None
) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(flags or {}, project, environment or {})
    assert caught.value.__cause__ is None
    sentence = str(caught.value)
    assert not [word for word in PYDANTIC if word in sentence]
    return sentence


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"max_steps": -3}, "--max-steps is -3, but must be at least 0."),
        ({"max_steps": "many"}, "--max-steps is 'many', but must be a whole number."),
        ({"memory_gb": 0}, "--memory is 0, but must be more than 0.0."),
        ({"cpus": "two"}, "--cpus is 'two', but must be a number."),
        (
            {"thinking": "alway"},
            "--thinking is 'alway', but must be one of auto, always, never, first; did you mean always.",
        ),
        ({"image": 5}, "--image is 5, but must be text."),
    ],
)
def test_a_wrong_value_names_flag_value_and_what_is_allowed(flags: dict[str, object], sentence: str) -> None:
    assert refused(flags) == sentence


def test_a_variable_and_a_file_are_named_too_and_all_faults_at_once(tmp_path: Path) -> None:
    assert refused(environment={"QWRIGHT_MAX_STEPS": "x"}).startswith("QWRIGHT_MAX_STEPS is 'x', but must be")
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text('max_steps = 1.5\nimage = ["a"]\n')
    said = refused().splitlines()
    assert said[0] == f"{file}: image is ['a'], but must be text."
    assert said[1] == f"{file}: max_steps is 1.5, but must be a whole number."
    file.write_text("max_step = 3\n")
    assert refused().startswith(f"{file}: there is no setting 'max_step'. Did you mean 'max_steps'? Settings: ")


@pytest.mark.parametrize("text", ["api_key = 12345", 'env = ["GOOD=geheim12345", "1BAD=12345"]', "env = 12345"])
def test_a_secret_is_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text(text + "\n")
    assert "12345" not in refused()


def test_a_project_may_not_touch_the_sandbox(tmp_path: Path) -> None:
    loosening = ("env", "network", "memory_gb", "cpus", "command_timeout", "image", "sandbox", "workspace")
    assert not PROJECT_MAY_SET & set(loosening)
    for key, text in (("env", '["AWS_SECRET_ACCESS_KEY"]'), ("network", '"full"'), ("command_timeout", "0")):
        (tmp_path / ".qwright.toml").write_text(f"{key} = {text}\n")
        assert "a repository may not decide" in refused(project=tmp_path)


def test_variables_add_up_and_are_shown_by_name(tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text('env = ["A=from-file", "B"]\n')
    found = resolve({"env": ["A=from-flag", "D"]}, None, {"QWRIGHT_ENV": "C"}).values.env
    assert found == ("A=from-flag", "B", "C", "D")
    assert shown("env", found) == "['A', 'B', 'C', 'D']"
    place = PlaceSpec.from_config(Config.model_validate({"env": found}), str(tmp_path))
    assert place.env == ("A", "B", "C", "D")
    assert PlaceSpec.from_meta({**vars_of(place), "env": list(place.env)}) == place


def vars_of(place: PlaceSpec) -> dict[str, object]:
    return {name: getattr(place, name) for name in PlaceSpec.__slots__}


def test_a_value_comes_from_the_item_or_from_the_caller() -> None:
    assert values(["A", "B=x=y", "C="], {"A": "mine", "C": "not this"}) == {"A": "mine", "B": "x=y", "C": ""}
    with pytest.raises(UsageError, match="--env A: A is not set here"):
        values(["A"], {})


@every(st.lists(st.text(max_size=8)))
def test_names_are_names_and_values_never_appear_in_errors(items: list[str]) -> None:
    good = all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*(=[^\0]*)?", item) for item in items)
    if not good:
        with pytest.raises(ValueError, match=re.escape("NAME or NAME=VALUE, the name of letters, digits and _")):
            checked(items)
        return
    kept = checked(items)
    assert len(set(names(kept))) == len(kept)
    assert all(item in items for item in kept)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"QWRIGHT_MODLE": ""}, ["The environment variable QWRIGHT_MODLE sets nothing. Did you mean QWRIGHT_MODEL?"]),
        (
            {"QWRIGHT_XYZZY_PLUGH": ""},
            ["The environment variable QWRIGHT_XYZZY_PLUGH sets nothing. `qwright config` lists the settings."],
        ),
        ({"QWRIGHT_TEST_X": "", "QWRIGHT_REQUIRE_RIGS": "", "QWRIGHT_STATE_DIR": "", "QWRIGHT_MODEL": "", "X": ""}, []),
    ],
)
def test_a_variable_that_sets_nothing_is_told_once(variables: dict[str, str], told: list[str]) -> None:
    assert unknown_variables(variables) == told


def test_the_file_that_init_writes_names_every_setting() -> None:
    for key in Config.model_fields:
        table = key.replace("thinking_", "[thinking.") + "]"
        assert (f"# {table}" if key in LAYERED else f"# {key} = ") in commented_defaults()


def test_a_limit_for_commands_reaches_the_tools() -> None:
    endpoint = Endpoint("http://h/v1", "m")
    limited = tool_settings(Settings(endpoint, command_timeout_s=30))
    assert (limited.timeout_default_s, limited.timeout_max_s) == (30, 30)
    free = tool_settings(Settings(endpoint))
    assert (free.timeout_default_s, free.timeout_max_s) == (120, 3600)


def test_no_password_of_an_address_is_shown() -> None:
    assert shown("base_url", "http://user:geheim@host:8000/v1?key=geheim") == "'http://***@host:8000/v1?***'"
    assert shown("base_url", "http://host:8000/v1") == "'http://host:8000/v1'"


def test_no_key_is_in_what_a_traceback_or_a_log_may_show() -> None:
    config = Config.model_validate({"api_key": "geheim12345"})
    assert "geheim" not in repr(config)
    assert "geheim" not in repr(Settings(Endpoint("http://h/v1", "m", "geheim12345")))
    assert "geheim" not in repr(Wanted("http://h/v1", "m", "geheim12345"))
    assert "geheim" not in repr(Choice(api_key="geheim12345"))
