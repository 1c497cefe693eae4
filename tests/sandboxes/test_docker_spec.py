"""The create request, owners and error sentences: pure."""

import os
import socket as socketlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.container.errors import EngineError, no_image, not_created, unreachable, wrong_platform
from sandboxes.container.owner import Owner, parse_owner, this_process
from sandboxes.container.reap import owner_of
from sandboxes.container.spec import LABEL, LABEL_OWNER, LABEL_SESSION, container_name, create_body
from sandboxes.errors import SandboxUnavailable
from sandboxes.local import scrubbed
from sandboxes.protocol import Limits, Mount, SandboxSpec

_OWNER = Owner(host="box", boot="abc", pid=12, start=34)


def test_everything_is_closed_by_default() -> None:
    body = create_body(SandboxSpec(image="img"), _OWNER)
    host = body["HostConfig"]
    assert isinstance(host, dict)
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["NetworkMode"] == "none"
    assert host["Init"] is True
    assert host["Memory"] == host["MemorySwap"] == 8 * 1024**3
    assert host["PidsLimit"] == 1024
    assert host["Mounts"] == []
    assert "NanoCpus" not in host
    assert "Privileged" not in host
    assert body["Env"] == []
    assert "User" not in body


def test_what_the_spec_asks_for() -> None:
    spec = SandboxSpec(
        image="img",
        network="full",
        user="1000:1000",
        limits=Limits(memory_bytes=5, cpus=1.5, pids=7),
        mounts=(Mount(Path("/src"), "/workspace"), Mount(Path("/src/.git"), "/workspace/.git", read_only=True)),
        environment={"A": "b=c"},
        session_id="s1",
        labels={"own": "x", LABEL: "forged"},
    )
    body = create_body(spec, _OWNER)
    host, labels = body["HostConfig"], body["Labels"]
    assert isinstance(host, dict)
    assert isinstance(labels, dict)
    assert host["NetworkMode"] == "default"
    assert host["NanoCpus"] == 1_500_000_000
    assert host["Mounts"] == [
        {"Type": "bind", "Source": "/src", "Target": "/workspace", "ReadOnly": False},
        {"Type": "bind", "Source": "/src/.git", "Target": "/workspace/.git", "ReadOnly": True},
    ]
    assert body["Env"] == ["A=b=c"]
    assert body["User"] == "1000:1000"
    assert (labels["own"], labels[LABEL], labels[LABEL_SESSION]) == ("x", "1", "s1")
    assert parse_owner(str(labels[LABEL_OWNER])) == _OWNER


@pytest.mark.parametrize(
    "socket", ["/var/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"]
)
def test_engine_sockets_are_refused(socket: str) -> None:
    with pytest.raises(SandboxUnavailable, match="owns the machine"):
        create_body(SandboxSpec(image="img", mounts=(Mount(Path(socket), "/s"),)), _OWNER)


def test_sockets_are_refused_under_any_name(tmp_path: Path) -> None:
    with socketlib.socket(socketlib.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        (tmp_path / "link").symlink_to(tmp_path / "s")
        for name in ("s", "link"):
            with pytest.raises(SandboxUnavailable, match="is a socket"):
                create_body(SandboxSpec(image="img", mounts=(Mount(tmp_path / name, "/s"),)), _OWNER)


@given(st.integers(1, 2**22), st.integers(0, 2**62), st.text("0123456789abcdef", min_size=1, max_size=12))
def test_owner_survives_label_and_name(pid: int, start: int, boot: str) -> None:
    owner = Owner(host="a-host.local", boot=boot, pid=pid, start=start)
    assert parse_owner(str(owner)) == owner
    assert owner_of(container_name("f00", owner), str(_OWNER)) == owner
    assert owner_of("some-other-name", str(owner)) == owner


@given(st.text())
def test_any_text_is_no_owner_or_one(text: str) -> None:
    found = parse_owner(text)
    assert found is None or found.pid >= 0


def test_who_lives() -> None:
    mine = this_process()
    assert mine.pid == os.getpid()
    assert mine.lives()
    assert not Owner(mine.host, mine.boot, mine.pid, mine.start + 1).lives()
    assert not Owner(mine.host, "another boot", mine.pid, mine.start).lives()
    assert Owner("elsewhere", "x", 1, 1).lives()


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("write /x: no space left on device", "docker system prune"),
        ("exec /bin/sh: exec format error", "architecture"),
        ('exec: "/bin/sh": stat /bin/sh: no such file or directory', "use an image with one"),
        ("bind source path does not exist: /nope", "must exist"),
        ("unable to find user joe: no matching entries in passwd file", "uid:gid"),
        ("Minimum memory limit allowed is 6MB", "lower them"),
        ("Range of CPUs is from 0.01 to 2.00", "lower them"),
        ("something new", "something new"),
    ],
)
def test_refusals_name_the_remedy(message: str, remedy: str) -> None:
    assert remedy in not_created("img", EngineError(500, message))


def test_other_sentences_name_the_remedy() -> None:
    assert "usermod -aG docker" in unreachable("unix:///x", "PermissionError(13, 'Permission denied')")
    assert "systemctl start docker" in unreachable("unix:///x", "FileNotFoundError")
    assert "`--sandbox local`" in unreachable("unix:///x", "FileNotFoundError")
    assert "DOCKER_CERT_PATH" in unreachable("tcp://x", "certificate verify failed")
    assert "docker pull img" in no_image("img", "not found")
    assert "qwright sandbox build" in no_image("qwright-sandbox:1", "not found")
    instance = no_image("docker.io/swebench/sweb.eval.x86_64.django_1776_django-11099:latest", "not found")
    assert "benchmark" in instance
    assert "sandbox build" not in instance
    assert "--platform linux/amd64" in wrong_platform("img", "arm64", "amd64")


def test_secrets_do_not_reach_local_commands() -> None:
    kept = {"PATH": "/bin", "HOME": "/root", "LANG": "C", "VIRTUAL_ENV": "/v", "LC_ALL": "C"}
    secret = dict.fromkeys(
        (
            "QWRIGHT_API_KEY",
            "OPENAI_API_KEY",
            "GITHUB_TOKEN",
            "AWS_PROFILE",
            "DB_PASSWORD",
            "my_secret",
            "SSH_AUTH_SOCK",
            "DATABASE_URL",
            "HTTPS_PROXY",
        ),
        "x",
    )
    assert scrubbed({**kept, **secret}) == kept
