"""Each backend, started once per test module; the suites in this folder run against all of them."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandboxes.container.sandbox import DockerSandbox
from sandboxes.local import LocalSandbox
from sandboxes.protocol import Limits, Sandbox, SandboxSpec

_DOCKER = pytest.mark.docker
BACKENDS = [
    "local",
    pytest.param("docker", marks=_DOCKER),
    pytest.param("docker-no-python", marks=_DOCKER),
]
# The least that a sandbox can be: busybox where one is at hand, else sh and the coreutils.
_LEAST = pytest.param("docker-busybox", marks=_DOCKER)
_STAND_IN = pytest.param("docker-sh-only", marks=_DOCKER)
# Differs from "docker" only in the shell that commands run in.
_NO_BASH = pytest.param("docker-no-bash", marks=_DOCKER)
_IMAGES = {
    "docker": "docker_engine",
    "docker-no-bash": "image_without_bash",
    "docker-no-python": "image_without_python",
    "docker-sh-only": "image_with_sh_only",
    "docker-busybox": "image_of_busybox",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test here the name of the backend to run against."""
    if "backend" in metafunc.fixturenames:
        wanted = os.environ.get("QWRIGHT_TEST_BUSYBOX") or os.environ.get("QWRIGHT_REQUIRE_RIGS") == "1"
        least = _LEAST if wanted or shutil.which("busybox") else _STAND_IN
        commands = metafunc.definition.path.name == "test_commands.py"
        metafunc.parametrize("backend", [*BACKENDS, least, *([_NO_BASH] if commands else [])], scope="module")


@pytest.fixture(scope="module")
def fresh(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """A sandbox that is not started."""
    if backend == "local":
        workdir: Path = tmp_path_factory.mktemp("workspace")
        return LocalSandbox(SandboxSpec(image="", workdir=str(workdir.resolve()), environment={"GIVEN": "yes"}))
    image = str(request.getfixturevalue(_IMAGES[backend]))
    limits = Limits(memory_bytes=512 * 1024**2, pids=256)
    return DockerSandbox(SandboxSpec(image=image, limits=limits, environment={"GIVEN": "yes"}))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(fresh: Sandbox) -> AsyncIterator[Sandbox]:
    """One started sandbox for all tests of a module."""
    await fresh.start()
    yield fresh
    await fresh.close()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(shared: Sandbox) -> Sandbox:
    """The started sandbox, its shell back in the work directory and that emptied."""
    await shared.run(f"cd '{shared.workdir}' && rm -rf -- ./* ./.[!.]*", timeout_s=20)
    return shared
