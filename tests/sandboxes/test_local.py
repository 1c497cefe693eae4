"""What only the local backend promises."""

import asyncio
import secrets
from pathlib import Path

import pytest

from sandboxes.errors import SandboxGone, SandboxUnavailable
from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec


def _nap() -> str:
    return str(secrets.randbelow(90_000) + 10_000)


def _living(marker: str) -> list[str]:
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in file.read_text("utf-8", "replace"):
                found.append(file.parent.name)
        except OSError:
            continue
    return found


async def test_close_ends_everything_and_leaves_nothing(tmp_path: Path) -> None:
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path)))
    await sandbox.start()
    scratch = sandbox.scratch
    nap = _nap()
    await sandbox.run(f"sleep {nap} & setsid sleep {nap} >/dev/null 2>&1 &", timeout_s=20)
    await sandbox.start_job(f"sleep {nap}")
    assert _living(nap)
    await sandbox.close()
    await sandbox.close()
    assert not _living(nap)
    assert not await asyncio.to_thread(Path(scratch).exists)
    with pytest.raises(SandboxGone):
        await sandbox.run("true", timeout_s=1)


async def test_secrets_of_the_host_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QWRIGHT_API_KEY", "DATABASE_URL", "https_proxy", "PGPASSFILE", "MY_PATH", "XPATH", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    monkeypatch.setenv("LC_TIME", "C")
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path), environment={"DATABASE_URL": "given"}))
    await sandbox.start()
    try:
        seen = (await sandbox.run("env", timeout_s=5)).head.decode()
        assert "hidden" not in seen
        for line in ("DATABASE_URL=given", "JAVA_HOME=/opt/java", "LC_TIME=C"):
            assert line in seen.splitlines()
        assert "NOTHING ISOLATES" in sandbox.description
    finally:
        await sandbox.close()


async def test_a_killed_runner_is_told(tmp_path: Path) -> None:
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path)))
    await sandbox.start()
    nap = _nap()
    try:
        with pytest.raises(SandboxGone, match="runner"):
            await sandbox.run(f"setsid sleep {nap} & kill -9 $PPID; sleep {nap}", timeout_s=9)
    finally:
        await sandbox.close()
    assert not _living(nap)


async def test_missing_directory_and_failed_setup(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="does not exist"):
        await LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path / "none"))).start()
    with pytest.raises(SandboxUnavailable, match="exit code 5"):
        await LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path), setup="exit 5")).start()
