"""Checks of the engine and of a sandbox's walls: on a real engine, and on what a bad one would say."""

import json
from pathlib import Path
from typing import cast

import pytest

from cli.doctor.engine import judge_engine, judge_storage
from cli.doctor.isolation import MEMORY, PIDS, judge, values
from cli.main import main

GOOD = {
    "interfaces": "lo ",
    "routes": "0",
    "memory": str(MEMORY),
    "pids": str(PIDS),
    "capsline": "CapEff:\t0000000000000000",
    "newprivs": "NoNewPrivs:\t1",
    "sockets": "",
    "wrote": "no",
    "readable": "given",
}


def statuses(written: bool, **changed: str) -> dict[str, str]:
    return {finding.name: finding.status for finding in judge({**GOOD, **changed}, written)}


def test_walls_that_stand() -> None:
    assert set(statuses(False).values()) == {"ok"}
    assert statuses(False, interfaces="lo tunl0 sit0 ")["network off"] == "ok"


@pytest.mark.parametrize(
    ("name", "changed", "status"),
    [
        ("network off", {"routes": "2", "interfaces": "lo eth0"}, "fail"),
        ("limits", {"memory": "max"}, "fail"),
        ("limits", {"pids": "max"}, "fail"),
        ("limits", {"memory": "", "pids": ""}, "skip"),
        ("host's files", {"wrote": "yes"}, "fail"),
        ("host's files", {"sockets": "/var/run/docker.sock "}, "fail"),
        ("host's files", {"readable": ""}, "warn"),
        ("rights", {"capsline": "CapEff:\t00000000a80425fb"}, "fail"),
        ("rights", {"newprivs": "NoNewPrivs:\t0"}, "fail"),
        ("rights", {"capsline": ""}, "skip"),
    ],
)
def test_each_wall_that_fell_is_named_alone(name: str, changed: dict[str, str], status: str) -> None:
    assert {one: said for one, said in statuses(False, **changed).items() if said != "ok"} == {name: status}


def test_a_file_that_arrived_on_the_host_counts_whatever_the_container_says() -> None:
    assert statuses(True)["host's files"] == "fail"


def test_values_of_the_probe() -> None:
    assert values("a=1\nnoise\nb=x=y\n") == {"a": "1", "b": "x=y"}


def test_engines() -> None:
    docker = {"Version": "27.1", "ApiVersion": "1.46", "Components": [{"Name": "Engine"}]}
    found = judge_engine("unix:///run/docker.sock", docker, {"SecurityOptions": ["name=seccomp"]})
    assert "Docker 27.1, API 1.46" in found.seen
    assert "rootless" in found.mend
    assert judge_engine("x", docker, {"SecurityOptions": ["name=rootless"]}).mend == ""
    assert "user namespaces" in judge_engine("x", docker, {"SecurityOptions": ["name=userns"]}).seen
    podman = {"Version": "5.1", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}]}
    assert judge_engine("x", podman, {}).seen.startswith("Podman")
    assert judge_engine("x", {"Version": "18.1", "ApiVersion": "1.37"}, {}).status == "warn"


def test_storage() -> None:
    assert judge_storage("overlay2", "/var/lib/docker", 10**11).status == "ok"
    assert judge_storage("overlay2", "/var/lib/docker", None).status == "ok"
    assert judge_storage("overlay2", "/var/lib/docker", 10**8).mend.startswith("docker system prune")
    assert judge_storage("vfs", "/var/lib/docker", 10**11).status == "warn"


@pytest.fixture(autouse=True)
def directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    rows = cast("list[dict[str, str]]", json.loads(capsys.readouterr().out)["findings"])
    return {row["name"]: row for row in rows}


@pytest.mark.docker
def test_a_real_engine(docker_engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--only", "sandbox", "--image", docker_engine, "--json"]) == 0
    found = findings(capsys)
    for name in ("engine", "image", "network off", "limits", "host's files", "rights"):
        assert found[name]["status"] == "ok", found[name]


@pytest.mark.docker
def test_an_image_that_is_not_there(docker_engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert docker_engine
    assert main(["doctor", "--only", "sandbox", "--image", "qwright-no-such-image:1", "--json"]) == 0
    found = findings(capsys)
    assert found["image"]["mend"].startswith("docker pull qwright-no-such-image:1")
    assert found["isolation"]["status"] == "skip"


def test_no_engine_ends_with_4(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert main(["doctor", "--only", "sandbox", "--json"]) == 4
    found = findings(capsys)
    assert found["engine"]["status"] == "fail"
    assert "systemctl start docker" in found["engine"]["mend"]
    assert "other checks" in found
