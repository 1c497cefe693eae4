"""The setup line of a spec: run once, its environment kept."""

from sandboxes.channel.operations import OperatedSandbox
from sandboxes.errors import SandboxUnavailable


async def run_setup(sandbox: OperatedSandbox, setup: str | None) -> None:
    """Run the setup line of a spec; raises `SandboxUnavailable` with its output when it fails."""
    if not setup:
        return
    result = await sandbox.run(setup, timeout_s=600)
    if result.exit_code != 0:
        output = (result.head + result.tail)[-2000:].decode("utf-8", "replace").strip()
        ended = "took longer than 600 s" if result.timed_out else f"ended with exit code {result.exit_code}"
        raise SandboxUnavailable(f"The setup line of the sandbox ({setup!r}) {ended}. Its output: {output or 'none'}")
