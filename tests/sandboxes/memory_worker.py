"""Opens a tree, records new files and restores the start; prints peak memory in MiB before and after."""

import asyncio
import resource
import sys
from pathlib import Path

from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec
from sandboxes.workspace import HostSource, open_workspace


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def _main(repo: Path, inside: Path, store: Path) -> None:
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(inside)))
    await sandbox.start()
    before = _peak()
    workspace = await open_workspace(HostSource(repo), sandbox, store)
    await workspace.ready()
    opened = _peak()
    await sandbox.run(
        "for n in 1 2 3 4 5 6; do head -c 52428800 /dev/zero >new$n; echo $n >>new$n; done", timeout_s=100
    )
    changed = await workspace.changed_paths()
    print(before, opened, _peak(), len(changed), *workspace.notes, flush=True)
    await workspace.close()
    await sandbox.close()


if __name__ == "__main__":
    asyncio.run(_main(*map(Path, sys.argv[1:])))
