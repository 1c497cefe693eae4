"""A host that is made behind the screen: usable before it is there, honest when it cannot be made, made anew."""

import threading
from collections.abc import Callable

import pytest

from agent.events import Event, TurnEnded
from cli.errors import SettingsWrong, UsageError
from cli.pair.later import LaterHost
from tests.fakes.host import ScriptedHost
from tests.fakes.setup import ScriptedSetup
from tui.faces.setup import Choice
from tui.host import Host, HostFailed


class Setup(ScriptedSetup):
    """Hands choices on, as the real one does."""

    def __init__(self, held: Callable[[], Choice], chosen: Callable[[Choice], None]) -> None:
        super().__init__()
        self._held, self._chosen = held, chosen

    @property
    def choice(self) -> Choice:
        return self._held()

    def choose(self, choice: Choice) -> None:
        self._chosen(choice)


def nobody(event: Event) -> None:
    pass


def later(*hosts: Host | UsageError, first: Choice | None = None) -> tuple[LaterHost, list[Choice]]:
    """A host that is made of these in turn, and the choices that each was made for."""
    left, choices = list(hosts), list[Choice]()

    def make(choice: Choice) -> Host:
        choices.append(choice)
        made = left.pop(0)
        if isinstance(made, UsageError):
            raise made
        return made

    return LaterHost("demo", make, Setup, first or Choice()), choices


async def test_it_is_made_once_and_in_a_thread_and_does_what_the_real_one_does() -> None:
    real = ScriptedHost([TurnEnded("done", "", 1)])
    threads: list[int] = []

    def make(choice: Choice) -> Host:
        threads.append(threading.get_ident())
        return real

    host = LaterHost("demo", make, Setup)
    host.set_mode("plan")
    host.cancel()
    assert (host.title, host.mode, threads) == ("demo", "plan", [])
    await host.open(nobody)
    await host.run("go on")
    await host.close()
    assert (real.requests, real.mode, real.closed) == (["go on"], "plan", True)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_what_cannot_be_made_says_why_when_it_is_opened() -> None:
    host, _ = later(SettingsWrong("config.toml: cpus is -1."))
    assert list(await host.asked_before()) == []
    with pytest.raises(HostFailed, match="cpus is -1") as failed:
        await host.open(nobody)
    assert failed.value.trouble == "settings"
    with pytest.raises(HostFailed, match="not open yet"):
        host.steer("x")
    await host.close()


async def test_closing_before_it_was_ever_needed_makes_nothing() -> None:
    host, choices = later()
    await host.close()
    assert not choices


async def test_what_could_not_be_made_is_made_anew_with_what_was_chosen() -> None:
    real = ScriptedHost()
    host, choices = later(UsageError("no"), real)
    with pytest.raises(HostFailed):
        await host.open(nobody)
    host.setup.choose(Choice(base_url="http://x/v1"))
    await host.reopen()
    await host.close()
    assert choices == [Choice(), Choice(base_url="http://x/v1")]
    assert (real.opened, real.closed) == (1, True)


async def test_another_try_reads_the_settings_again_also_without_a_choice() -> None:
    first, second = ScriptedHost(failure=HostFailed("down", "endpoint")), ScriptedHost()
    host, choices = later(first, second)
    with pytest.raises(HostFailed):
        await host.open(nobody)
    await host.reopen()
    assert (len(choices), first.closed, second.opened) == (2, True, 1)


async def test_another_choice_takes_up_the_session_in_which_something_was_asked() -> None:
    first, second, third = ScriptedHost(), ScriptedHost(), ScriptedHost()
    host, choices = later(first, second, third)
    await host.open(nobody)
    first.kept = second.kept = "20260101-000000-abc123"
    host.setup.choose(Choice(sandbox="local"))
    await host.reopen()
    assert first.closed
    assert choices[-1] == Choice(sandbox="local", session="20260101-000000-abc123")
    host.setup.choose(Choice(sandbox="local", fresh=True))
    await host.reopen()
    assert choices[-1] == Choice(sandbox="local")


async def test_an_earlier_session_stays_the_one_until_another_is_asked_for() -> None:
    host, choices = later(UsageError("gone"), UsageError("gone"), ScriptedHost(), first=Choice(session="old"))
    with pytest.raises(HostFailed):
        await host.open(nobody)
    with pytest.raises(HostFailed):
        await host.reopen()
    host.setup.choose(Choice(session="old", fresh=True))
    await host.reopen()
    assert [choice.session for choice in choices] == ["old", "old", ""]
