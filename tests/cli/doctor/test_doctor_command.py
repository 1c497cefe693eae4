"""`qwright doctor` from its command line: text, JSON, exit codes, time limit, and secrets that stay secret."""

import json
from pathlib import Path
from typing import cast

import pytest

from cli.main import main
from tests.fakes.routes import RoutesServer, always
from tests.fakes.vllm import FakeVllm


@pytest.fixture(autouse=True)
def directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("QWRIGHT_CONFIG_DIR", str(tmp_path / "config"))
    for name in ("QWRIGHT_BASE_URL", "QWRIGHT_API_KEY", "QWRIGHT_MODEL", "QWRIGHT_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_json(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return cast("dict[str, object]", json.loads(capsys.readouterr().out))


def test_a_good_server_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    with RoutesServer(FakeVllm().routes()) as server:
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url]) == 0
    out = capsys.readouterr().out
    assert "No fault found (23 well, 0 left open" in out
    assert "\n  ✓ growing conversation" in out


def test_a_fault_of_the_endpoint_ends_with_3_and_says_what_to_do_first(capsys: pytest.CaptureFixture[str]) -> None:
    with RoutesServer(FakeVllm(reasoning_parser=False, details=False).routes()) as server:
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url]) == 3
    out = capsys.readouterr().out
    assert out.rstrip().endswith("First: reasoning parser: vllm serve … --reasoning-parser qwen3")
    assert "1 fault, 1 warning (" in out


def test_a_warning_alone_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    with RoutesServer(FakeVllm(unit=None).routes()) as server:
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url, "--json"]) == 0
    report = as_json(capsys)
    assert (report["status"], report["exit_code"]) == ("warn", 0)


def test_json_has_every_finding_with_its_group_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    with RoutesServer(FakeVllm().routes()) as server:
        main(["doctor", "--only", "endpoint", "--only", "machine", "--base-url", server.url, "--json"])
    findings = cast("list[dict[str, object]]", as_json(capsys)["findings"])
    assert {finding["group"] for finding in findings} == {"endpoint", "machine"}
    keys = {"group", "check", "about", "name", "status", "seen", "mend", "figures"}
    assert all(finding.keys() == keys for finding in findings)
    assert all(finding["about"] for finding in findings)


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--only", "endpoint", "--base-url", "http://127.0.0.1:9/v1"]) == 3
    out = capsys.readouterr().out
    assert "nothing listens on port 9" in out
    assert "more checks of the server were not made" in out


def test_no_secret_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QWRIGHT_API_KEY", "sk-very-secret")
    refusing = {"/v1/models": always({"error": {"message": "no: sk-very-secret"}}, 500)}
    with RoutesServer(refusing) as server:
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url]) == 3
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url, "--json"]) == 3
    assert main(["doctor", "--only", "endpoint", "--base-url", "http://me:hidden@127.0.0.1:9/v1"]) == 3
    out = capsys.readouterr().out
    assert "no: ***" in out
    assert "secret" not in out
    assert "hidden" not in out


def test_a_server_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with RoutesServer({"/v1/models": always({"data": [{"id": "a\x1b]0;owned\x07"}, {"id": "b"}]})}) as server:
        main(["doctor", "--only", "endpoint", "--base-url", server.url])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b" in out


def test_the_time_limit_holds(capsys: pytest.CaptureFixture[str]) -> None:
    import time

    def slow(_: object) -> object:
        time.sleep(1.5)
        return always({"data": [{"id": "m"}]})({})

    with RoutesServer({"/v1/models": slow}) as server:  # pyright: ignore[reportArgumentType]  # as the routes say
        began = time.monotonic()
        assert main(["doctor", "--only", "endpoint", "--base-url", server.url, "--time-limit", "1"]) == 0
        assert time.monotonic() - began < 5
    assert "time limit was reached" in capsys.readouterr().out


def test_a_broken_configuration_is_a_finding(directories: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (directories / "config").mkdir()
    (directories / "config" / "config.toml").write_text("max_steps = 'many'\n")
    assert main(["doctor", "--only", "endpoint", "--only", "machine"]) == 2
    out = capsys.readouterr().out
    assert "max_steps" in out
    assert "mend the configuration first" in out


def test_an_invalid_time_limit_is_a_matter_of_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--time-limit", "0"])
    assert ended.value.code == 2
