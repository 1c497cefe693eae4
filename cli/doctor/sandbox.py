"""The checks of the sandbox, in their order."""

from collections.abc import Awaitable, Callable, Sequence

from cli.doctor.engine import Place, engine, image, storage
from cli.doctor.isolation import isolation
from sandboxes.errors import SandboxError
from serving.doctor.finding import Check, Finding


def _told(
    name: str, check: Callable[[Place], Awaitable[Sequence[Finding]]]
) -> Callable[[Place], Awaitable[Sequence[Finding]]]:
    """An engine that breaks off in the middle becomes a finding."""

    async def run(place: Place) -> Sequence[Finding]:
        try:
            return await check(place)
        except SandboxError as error:
            return [Finding(name, "fail", str(error), "see the engine's log: journalctl -u docker")]

    return run


CHECKS: Sequence[Check[Place]] = (
    Check("engine", "connects and reads the versions", _told("engine", engine)),
    Check("storage", "looks at driver and free space", _told("storage", storage)),
    Check("image", "looks for the image", _told("image", image)),
    Check("isolation", "starts a small sandbox and looks around inside", _told("isolation", isolation)),
)
