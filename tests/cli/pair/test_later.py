"""A host that is made behind the screen: usable before it is there, honest when it cannot be made."""

import threading

import pytest

from agent.events import TurnEnded
from cli.errors import UsageError
from cli.pair.later import LaterHost
from tests.fakes.host import ScriptedHost
from tui.host import HostFailed


async def test_it_is_made_once_and_in_a_thread_and_does_what_the_real_one_does() -> None:
    real = ScriptedHost([TurnEnded("done", "", 1)])
    threads: list[int] = []

    def make() -> ScriptedHost:
        threads.append(threading.get_ident())
        return real

    host = LaterHost("demo", make)
    host.set_mode("plan")
    host.cancel()
    assert (host.title, host.mode, threads) == ("demo", "plan", [])
    await host.open(lambda event: None)
    await host.run("go on")
    await host.close()
    assert (real.requests, real.mode, real.closed) == (["go on"], "plan", True)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_what_cannot_be_made_says_why_when_it_is_opened() -> None:
    def make() -> ScriptedHost:
        raise UsageError("There is no directory /nowhere.")

    host = LaterHost("nowhere", make)
    assert list(await host.asked_before()) == []
    with pytest.raises(HostFailed, match="no directory /nowhere"):
        await host.open(lambda event: None)
    with pytest.raises(HostFailed, match="not open yet"):
        host.steer("x")
    await host.close()


async def test_closing_before_it_was_ever_needed_makes_nothing() -> None:
    host = LaterHost("demo", lambda: pytest.fail("made"))
    await host.close()
