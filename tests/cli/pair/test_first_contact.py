"""What stands in the way of a session, over real HTTP and a real sandbox without isolation: told, mended, tidied up."""

from argparse import Namespace
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from agent.events import Event
from cli.lock import session_lock
from cli.pair.later import LaterHost
from cli.pair.opening import host_for
from cli.pair.setup import PairSetup
from cli.parser import build_parser
from cli.paths import config_file, session_dir, sessions_dir
from tests.fakes.routes import RoutesServer, always
from tests.fakes.vllm import MODEL, FakeVllm
from tui.faces.setup import Choice
from tui.host import Host, HostFailed, Trouble

NOWHERE = "http://127.0.0.1:9/v1"
TWO = always({"data": [{"id": name, "max_model_len": 65536} for name in ("a/one", "b/two")]})


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"QWRIGHT_{name}_DIR", str(tmp_path / name.lower()))
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "calc.py").write_text("x = 1\n")


def later(tmp_path: Path, *arguments: str, ports: tuple[int, ...] = ()) -> LaterHost:
    given = ["pair", "--repo", str(tmp_path / "repo"), "--sandbox", "local", *arguments]
    options = build_parser().parse_args(given)

    def make(options: Namespace, choice: Choice) -> Host:
        return host_for(options, choice)

    def setup(choice: Callable[[], Choice], chosen: Callable[[Choice], None]) -> PairSetup:
        return PairSetup(options, choice, chosen, ports)

    return LaterHost("repo", partial(make, options), setup)


def nobody(event: Event) -> None:
    pass


async def failure(host: LaterHost) -> HostFailed:
    with pytest.raises(HostFailed) as failed:
        await host.open(nobody)
    return failed.value


@pytest.mark.parametrize(
    ("trouble", "routes", "key"),
    [
        ("not_a_server", {"/v1/models": always("<html>hello</html>")}, ""),
        ("loading", {"/v1/models": always("", 503)}, ""),
        ("key", FakeVllm().routes(), "secret"),
        ("model", {"/v1/models": TWO}, ""),
        ("context", FakeVllm(context=2048).routes(), ""),
    ],
)
async def test_a_server_that_cannot_be_used_is_told_and_another_one_taken(
    tmp_path: Path, trouble: Trouble, routes: dict[str, Callable[..., object]], key: str
) -> None:
    with RoutesServer(routes, key) as wrong, RoutesServer(FakeVllm().routes()) as right:  # pyright: ignore[reportArgumentType]  # routes
        host = later(tmp_path, "--base-url", wrong.url)
        failed = await failure(host)
        assert failed.trouble == trouble
        assert failed.models == (("a/one", "b/two") if trouble == "model" else ())
        assert not list(sessions_dir().iterdir())
        host.setup.choose(Choice(base_url=right.url))
        assert (await host.reopen()).model == MODEL
        await host.close()
        assert not list(sessions_dir().iterdir())


async def test_the_key_that_was_typed_is_sent_to_that_server_alone(tmp_path: Path) -> None:
    with RoutesServer(FakeVllm().routes(), "secret") as locked, RoutesServer(FakeVllm().routes()) as other:
        host = later(tmp_path, "--base-url", locked.url)
        assert (await failure(host)).trouble == "key"
        host.setup.choose(Choice(base_url=locked.url, api_key="secret"))
        assert (await host.reopen()).model == MODEL
        host.setup.choose(Choice(base_url=other.url))
        await host.reopen()
        await host.close()
        assert {authorization for _, authorization, _ in other.seen} == {None}


async def test_nothing_is_configured_and_a_server_is_found_checked_and_saved(tmp_path: Path) -> None:
    host = later(tmp_path)
    assert (await failure(host)).trouble == "not_set_up"
    with RoutesServer(FakeVllm().routes()) as server:
        port = int(server.root.rpartition(":")[2])
        finding = later(tmp_path, ports=(port, 9))
        found = await finding.setup.probe()
        assert [(item.base_url, list(item.models)) for item in found] == [(server.url, [MODEL])]
        lines = [line async for line in finding.setup.checks(Choice(base_url=server.url))]
        assert {line.name: line.status for line in lines}["reachable"] == "ok"
        said = await finding.setup.save(Choice(base_url=server.url, api_key="secret"))
        assert str(config_file()) in said
        assert "secret" not in config_file().read_text()
        await finding.close()
        # The settings are read anew, so what was saved elsewhere is taken by another try.
        assert (await host.reopen()).model == MODEL
        await host.close()


async def test_an_address_that_was_given_and_is_down_is_no_first_contact(tmp_path: Path) -> None:
    host = later(tmp_path, "--base-url", NOWHERE)
    assert (await failure(host)).trouble == "endpoint"
    await host.close()


async def test_a_wrong_setting_is_mended_in_the_file(tmp_path: Path) -> None:
    config_file().parent.mkdir()
    config_file().write_text("cpus = -1\n")
    with RoutesServer(FakeVllm().routes()) as server:
        host = later(tmp_path, "--base-url", server.url)
        failed = await failure(host)
        assert failed.trouble == "settings"
        assert "cpus is -1" in str(failed)
        path = Path(await host.setup.settings_file())
        path.write_text("cpus = 1\n")
        assert (await host.reopen()).model == MODEL
        await host.close()


async def test_settings_are_made_to_be_edited_where_there_are_none(tmp_path: Path) -> None:
    host = later(tmp_path)
    path = Path(await host.setup.settings_file())
    assert "# base_url" in path.read_text()
    await host.close()


async def test_a_session_that_is_open_elsewhere_is_left_alone_and_a_new_one_begun(tmp_path: Path) -> None:
    with RoutesServer(FakeVllm().routes()) as server:
        host = later(tmp_path, "--base-url", server.url)
        await host.open(nobody)
        host.set_mode("plan")
        with ExitStack() as stack:
            stack.enter_context(session_lock(session_dir("20260101-000000-abc123")))
            host.setup.choose(Choice(fresh=True))
            await host.reopen()
            assert host.mode == "plan"
        await host.close()


async def test_a_state_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "sessions").write_text("a file")
    with RoutesServer(FakeVllm().routes()) as server:
        host = later(tmp_path, "--base-url", server.url)
        failed = await failure(host)
        assert failed.trouble == "disk"
        assert str(tmp_path / "state") in str(failed)
        (tmp_path / "state" / "sessions").unlink()
        assert (await host.reopen()).model == MODEL
        await host.close()


async def test_no_docker_and_then_without_a_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with RoutesServer(FakeVllm().routes()) as server:
        host = later(tmp_path, "--base-url", server.url, "--sandbox", "docker")
        assert (await failure(host)).trouble == "engine"
        host.setup.choose(Choice(sandbox="local"))
        assert "NOTHING ISOLATES" in (await host.reopen()).sandbox
        await host.close()


async def test_the_demo_is_laid_out_served_and_taken_away(tmp_path: Path) -> None:
    host = later(tmp_path, "--base-url", NOWHERE)
    assert (await failure(host)).trouble == "endpoint"
    demo = await host.setup.demo()
    host.setup.choose(demo.choice)
    assert "Qwen" in (await host.reopen()).model
    repo = Path(demo.choice.repo)
    assert (repo / ".git").is_dir()
    await host.close()
    assert not repo.exists()
