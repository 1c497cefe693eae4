"""What a repository says about itself to whoever works in it."""

from collections.abc import Callable

from sandboxes.errors import PathError
from sandboxes.protocol import Sandbox

INSTRUCTIONS_FILE = "AGENTS.md"
MOST_INSTRUCTIONS = 32_768


async def instructions_of(sandbox: Sandbox, say: Callable[[str], None]) -> str:
    """The repository's AGENTS.md, "" when it has none; cut at 32 KiB with a notice. It is untrusted text."""
    try:
        path = f"{sandbox.workdir}/{INSTRUCTIONS_FILE}"
        found = await sandbox.stat(path)
        if found is not None and not found.real_path.startswith(sandbox.workdir + "/"):
            say(f"{INSTRUCTIONS_FILE} is a link out of the repository; it is not used.")
            return ""
        content = await sandbox.read_file(path, limit=MOST_INSTRUCTIONS)
    except PathError:
        return ""
    if content.stat.size > len(content.data):
        say(f"{INSTRUCTIONS_FILE} has {content.stat.size:,} bytes; the model gets the first {len(content.data):,}.")
    return content.data.decode("utf-8", "replace")
