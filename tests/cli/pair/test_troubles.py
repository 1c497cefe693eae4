"""Every error with a sentence stands in somebody's way in a known manner."""

import sqlite3
from collections.abc import Iterator

import pytest

from agent import errors
from cli import errors as command_errors
from cli import exit_codes
from cli.pair.troubles import TROUBLES, failure_of, translated
from sandboxes import errors as sandbox_errors
from sandboxes.container.errors import EngineMissing, ImageMissing
from serving import probe
from tui.faces.after import BY_TROUBLE
from tui.faces.table import FACES
from tui.host import HostFailed, Trouble


def families(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for kind in root.__subclasses__():
        yield from families(kind)


ROOTS = (errors.AgentError, sandbox_errors.SandboxError, probe.ServerUnusable)
KINDS = {kind.__name__: kind for root in ROOTS for kind in families(root)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_error_of_ours_has_a_row(kind: type[BaseException]) -> None:
    trouble = next((trouble for row, trouble in TROUBLES if issubclass(kind, row)), None)
    assert trouble in FACES
    assert trouble in BY_TROUBLE


def test_no_row_hides_one_behind_it() -> None:
    for at, (kind, _) in enumerate(TROUBLES):
        assert not [before for before, _ in TROUBLES[:at] if issubclass(kind, before)]


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


ENDPOINT = exit_codes.ENDPOINT


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (caused(command_errors.CommandError("x", ENDPOINT), probe.ServerLoading("x")), "loading"),
        (caused(command_errors.CommandError("x", ENDPOINT), probe.KeyRefused("x")), "key"),
        (caused(command_errors.CommandError("x", ENDPOINT), probe.ServerUnreachable("x")), "endpoint"),
        (caused(command_errors.CommandError("x", ENDPOINT), probe.ServerUnusable("x")), "not_a_server"),
        (command_errors.CommandError("x", exit_codes.SANDBOX), "sandbox"),
        (command_errors.SettingsWrong("x"), "settings"),
        (command_errors.SessionLocked("x"), "locked"),
        (command_errors.SessionGone("x"), "session"),
        (command_errors.UsageError("x"), "usage"),
        (EngineMissing("x"), "engine"),
        (ImageMissing("x"), "image"),
        (sandbox_errors.SandboxGone("x"), "gone"),
        (sandbox_errors.SandboxUnavailable("x"), "sandbox"),
        (errors.EndpointRefused("x"), "refused"),
        (errors.EndpointSilent("x"), "endpoint"),
        (errors.StreamBroken("x"), "endpoint"),
        (sqlite3.OperationalError("database or disk is full"), "disk"),
        (sqlite3.DatabaseError("file is not a database"), "session"),
        (PermissionError(13, "no"), "disk"),
        (FileNotFoundError(2, "no"), "session"),
    ],
)
def test_what_stands_in_the_way(error: BaseException, trouble: Trouble) -> None:
    assert failure_of(error).trouble == trouble


def test_the_models_that_are_served_come_along() -> None:
    error = caused(command_errors.CommandError("x", ENDPOINT), probe.ModelNotServed("x", ("a", "b")))
    assert (failure_of(error).trouble, failure_of(error).models) == ("model", ("a", "b"))


async def test_a_full_disk_is_a_sentence_that_names_the_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path))

    async def work() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(HostFailed, match=r"No space left.*QWRIGHT_STATE_DIR") as failed:
        await translated(work())
    assert str(tmp_path) in str(failed.value)


async def test_an_error_of_ours_without_a_sentence_is_no_business_of_this() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await translated(work())
