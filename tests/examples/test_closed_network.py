"""`examples/ci/close-network` for real: kernel rules, a user, connections, in namespaces that are gone afterwards."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.json_types import JsonObject, as_list, as_object
from tests.examples.steps import ROOT
from tests.needs import missing

CLOSE = ROOT / "examples/ci/close-network"


def closed(folder: Path, base_url: str) -> JsonObject:
    """What came of the Action's steps on a machine of their own."""
    needed = ("unshare", "iptables", "ip6tables", "ip", "useradd", "runuser", "mount")
    if os.getuid() != 0 or any(shutil.which(name) is None for name in needed):
        missing("closing a network needs root, iptables and unshare")
    if subprocess.run(["unshare", "-n", "-m", "iptables", "-S"], capture_output=True, check=False).returncode != 0:
        missing("this kernel gives no network namespace with iptables")
    words = ["unshare", "-n", "-m", sys.executable, "-m", "tests.examples.closed_network", str(folder), base_url]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return as_object(json.loads(done.stdout))


def test_the_reader_reaches_the_model_server_and_nothing_else(tmp_path: Path) -> None:
    found = closed(tmp_path, "http://user:pw@model.test:8000/v1")
    assert found["code"] == 0, found["said"]
    assert found["user"] == "qwright-triage"
    reached = ["model.test:8000", "10.9.9.1:8000"]
    told = ["user qwright-triage", *(f"reaches {place}" for place in reached), "reads its input", "has the key", "0"]
    assert as_list(found["told"]) == told, found["said"]
    # Everybody else goes where he went before.
    assert found["others"] == found["places"]


def test_without_a_server_nothing_is_reached(tmp_path: Path) -> None:
    found = closed(tmp_path, "")
    assert found["code"] == 0, found["said"]
    assert not [row for row in as_list(found["told"]) if str(row).startswith("reaches")]


def test_a_name_that_nobody_knows_is_no_closed_network(tmp_path: Path) -> None:
    found = closed(tmp_path, "http://nowhere.invalid:8000/v1")
    assert found["code"] == 1
    assert "nowhere.invalid cannot be resolved" in str(found["said"])


@pytest.mark.parametrize(
    "url",
    [
        "gpu:8000",
        "ftp://gpu/v1",
        "http:///v1",
        "http://gpu:80 -j ACCEPT/",
        "http://a b/",
        "http://$(id)/",
        "http://gpu;id/",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    done = subprocess.run([str(CLOSE), url], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1
    assert "BASE_URL" in done.stderr


@pytest.mark.parametrize("user", ["-o", "root;id", "a b", "../x", ""])
def test_a_user_that_is_none_is_refused(user: str) -> None:
    words = [str(CLOSE), "http://gpu:8000/v1", user or "-"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1
    assert "user's name" in done.stderr
