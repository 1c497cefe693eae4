"""What must stay the same between two calls on a folder, what is told, what is free: every setting is in the table."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.json_types import JsonObject, JsonValue, as_object
from cli.batch.setup import setup_of
from cli.config import Config
from cli.parser import build_parser
from jobs.batch.errors import BatchError
from jobs.batch.inputs.source import Source
from jobs.batch.setup import CONFIGURATION, SETUP, check_setup, record_images
from jobs.batch.store import Status
from serving.probe import ServedModel
from tests.jobs.places import SETTINGS

DERIVED = {"runs", "run", "sent_seed"}


def setup() -> dict[str, JsonValue]:
    options = build_parser().parse_args(["batch", "rows.jsonl", "--out", "out", "--engine", "ray"])
    config = Config.model_validate({})
    return setup_of(config, SETTINGS, options, Source("rows.jsonl"), ServedModel("qwen-test", 65536, "Qwen/Q"))


def test_every_setting_has_a_role_and_every_role_a_setting() -> None:
    """A new setting fails here until somebody decides whether it decides results."""
    assert set(CONFIGURATION) == set(Config.model_fields)
    assert set(SETUP) == set(setup()) | DERIVED


def changed(before: Mapping[str, JsonValue], name: str, table: str) -> JsonObject:
    if table == "setup":
        return {**before, name: "another"}
    return {**before, "configuration": {**as_object(before["configuration"]), name: "another"}}


# These two decide together with each other what `runs` are: see tests/cli/batch/test_plan.py.
NOT_ALONE = {*DERIVED, "configuration", "compare", "attempts"}
RECORDED = as_object(setup()["configuration"])
EACH = [
    *(("setup", name, role) for name, role in SETUP.items() if name not in NOT_ALONE),
    *(("configuration", name, role) for name, role in CONFIGURATION.items() if name in RECORDED),
]


@pytest.mark.parametrize(("table", "name", "role"), EACH)
def test_each_setting_is_held_to_its_role(tmp_path: Path, table: str, name: str, role: str) -> None:
    assert check_setup(tmp_path, setup()) == []
    other = changed(setup(), name, table)
    match role:
        case "decides":
            with pytest.raises(BatchError, match=rf"\({name} differ"):
                check_setup(tmp_path, other)
        case "told":
            (sentence,) = check_setup(tmp_path, other)
            assert f"{name} was " in sentence
            assert json.loads((tmp_path / "run.json").read_text())["later"] == [{name: "another"}]
            # Told once, not with every call; and going back is a change too.
            assert check_setup(tmp_path, other) == []
            assert len(check_setup(tmp_path, setup())) == 1
        case _:
            assert check_setup(tmp_path, other) == []


def test_a_folder_of_a_version_that_recorded_less_goes_on(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"model": "qwen-test", "configuration": {"thinking": "auto"}}))
    assert check_setup(tmp_path, setup()) == []


def test_images_are_noted_as_they_were_used(tmp_path: Path) -> None:
    check_setup(tmp_path, setup())
    status = Status(instance_id="a__b-1", exit_status="submitted", session_id="s")
    used = {"image": "x:latest", "image_id": "sha256:1", "image_digests": ("x@sha256:2",)}
    record_images(tmp_path, [status.model_copy(update=used), status.model_copy(update={"instance_id": "a__b-2"})])
    images = json.loads((tmp_path / "run.json").read_text())["images"]
    assert images == {"a__b-1": {"image": "x:latest", "id": "sha256:1", "digests": ["x@sha256:2"]}}
    assert check_setup(tmp_path, setup()) == []
    record_images(tmp_path, [status.model_copy(update={**used, "instance_id": "a__b-2"})])
    assert set(json.loads((tmp_path / "run.json").read_text())["images"]) == {"a__b-1", "a__b-2"}
