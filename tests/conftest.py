"""Fixtures for the whole suite: the Docker engine and the images that tests run in.

QWRIGHT_REQUIRE_RIGS=1 turns a missing engine or image from a skip into a failure. QWRIGHT_TEST_IMAGE names the image
with Python, bash and git that containers are made from; QWRIGHT_TEST_BUSYBOX a statically linked busybox (default: the
one in PATH), without which the tests of a busybox-only image are skipped.
"""

import asyncio
import os
import shutil
import subprocess
import tarfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from sandboxes import docker
from sandboxes.errors import SandboxUnavailable
from tests.live.server import Vllm, configured
from tests.needs import missing

# How long an example takes depends on what else the machine does: only results are tested.
settings.register_profile("results-only", deadline=None)
settings.load_profile("results-only")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half surrogates that a hostile text brought into captured output: pytest-xdist cannot send them, and ends."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep how the whole run ended for `tests.unstable`: a run that broke may know of few failures."""
    cache: pytest.Cache | None = getattr(session.config, "cache", None)
    if not hasattr(session.config, "workerinput") and cache is not None:
        cache.set("qwright/exitstatus", int(exitstatus))


async def _look(image: str) -> str | None:
    try:
        engine = await docker.connect()
    except SandboxUnavailable as error:
        return f"no Docker engine: {error}"
    try:
        return None if await engine.image(image) else f"no image {image}: set QWRIGHT_TEST_IMAGE"
    finally:
        await engine.close()


@pytest.fixture(scope="session")
def base_image() -> str:
    """Name of the image with Python, bash and git."""
    return os.environ.get("QWRIGHT_TEST_IMAGE", "sandbox-base:bookworm")


@pytest.fixture(scope="session")
def docker_engine(base_image: str) -> str:
    """The image to start containers from; skips with one line where engine or image is missing."""
    reason = asyncio.run(_look(base_image))
    if reason is not None:
        missing(reason)
    return base_image


async def _derive(tag: str, base: str, command: str) -> None:
    engine = await docker.connect()
    try:
        if await engine.image(tag) is None:
            await engine.build(f"FROM {base}\nRUN {command}\n", tag)
    finally:
        await engine.close()


@pytest.fixture(scope="session")
def image_without_python(docker_engine: str) -> str:
    """The base image, its Python removed: only the shell fallback can work in it."""
    tag = "qwright-test-no-python:1"
    asyncio.run(_derive(tag, docker_engine, "rm -f /usr/bin/python3* /usr/bin/perl*"))
    return tag


@pytest.fixture(scope="session")
def image_without_bash(docker_engine: str) -> str:
    """The base image without bash: the runner has to do with sh."""
    tag = "qwright-test-no-bash:1"
    asyncio.run(_derive(tag, docker_engine, "rm -f /bin/bash /usr/bin/bash"))
    return tag


@pytest.fixture(scope="session")
def image_with_sh_only(docker_engine: str) -> str:
    """The base image without Python and bash."""
    tag = "qwright-test-sh-only:1"
    asyncio.run(_derive(tag, docker_engine, "rm -f /usr/bin/python3* /usr/bin/perl* /bin/bash /usr/bin/bash"))
    return tag


@pytest.fixture(scope="session")
def vllm() -> Vllm:
    """A real vLLM; skips (or fails) with one line where none is named."""
    server = configured()
    if server is None:
        missing("no vLLM: set QWRIGHT_TEST_VLLM and QWRIGHT_TEST_VLLM_SCRIPTS")
    return server


async def _import(archive: Path, tag: str) -> None:
    engine = await docker.connect()
    try:
        await engine.import_image(archive, tag, ["ENV PATH=/bin"])
    finally:
        await engine.close()


@pytest.fixture(scope="session")
def image_of_busybox(docker_engine: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Nothing but a static busybox and its names: the least that a sandbox can be."""
    found = os.environ.get("QWRIGHT_TEST_BUSYBOX") or shutil.which("busybox")
    if found is None:
        missing("no static busybox: install busybox-static or set QWRIGHT_TEST_BUSYBOX")
    names = subprocess.run([found, "--list"], capture_output=True, text=True, check=True).stdout.split()
    archive = tmp_path_factory.mktemp("busybox") / "root.tar"
    with tarfile.open(archive, "w") as tar:
        for name in ("bin", "tmp", "root"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        tar.add(found, "bin/busybox")
        for name in names:
            if name != "busybox":
                link = tarfile.TarInfo(f"bin/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
    asyncio.run(_import(archive, "qwright-test-busybox:1"))
    return "qwright-test-busybox:1"
