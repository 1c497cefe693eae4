"""The default image from the screen: `qwright sandbox build`'s own code, its lines as they come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from sandboxes.container.image_build import DEFAULT_IMAGE, build_default_image
from sandboxes.errors import SandboxError
from tui.host import HostFailed


async def built() -> AsyncGenerator[str]:
    """See `Setup.build_image`. Closed before its end it stops the build."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    work = asyncio.create_task(build_default_image(lines.put_nowait))
    work.add_done_callback(lambda done: lines.put_nowait(None))
    try:
        while (said := await lines.get()) is not None:
            yield said
        await work
    except SandboxError as error:
        raise HostFailed(str(error), "image") from error
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError, SandboxError):
            await work
    yield f"The image {DEFAULT_IMAGE} is ready."
