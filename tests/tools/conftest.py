"""A workspace in a temporary folder, and a way to make calls on it as the engine does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sandboxes.local import LocalSandbox
from sandboxes.protocol import Sandbox, SandboxSpec
from tests.fakes.sandbox import FolderSandbox
from tools.base import SeenFiles, ToolContext, ToolFailure, ToolResult, ToolSettings
from tools.registry import parse_arguments, toolset

# Other work on the machine may stop a test for a while; that says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

TOOLS = {tool.name: tool for tool in toolset(person=True)}


@dataclass(slots=True)
class Desk:
    """A session's worth of tool calls on one workspace."""

    sandbox: Sandbox
    folder: Path
    context: ToolContext
    heard: list[bytes]

    async def call(self, tool: str, **arguments: object) -> ToolResult:
        """Make a call; a refusal comes back as a result that is not ok, with the sentence as its text."""
        try:
            return await TOOLS[tool].run(parse_arguments(TOOLS[tool], arguments), self.context)
        except ToolFailure as failure:
            return ToolResult(str(failure), "refused", ok=False)

    async def edit(self, command: str, path: str, **arguments: object) -> ToolResult:
        return await self.call("str_replace_editor", command=command, path=path, **arguments)

    async def replace(self, path: str, old: str, new: str) -> ToolResult:
        return await self.edit("str_replace", path, old_str=old, new_str=new)

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the workspace behind the tools' back."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


@pytest.fixture(params=["folder", "local"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    folder = (tmp_path / "work").resolve()
    folder.mkdir()
    sandbox: Sandbox
    if request.param == "folder":
        sandbox = FolderSandbox(folder)
    else:
        sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(folder)))
    await sandbox.start()
    heard: list[bytes] = []
    context = ToolContext(sandbox, SeenFiles(), heard.append, ToolSettings(timeout_max_s=3600))
    yield Desk(sandbox, folder, context, heard)
    await sandbox.close()
