"""What can go wrong below the tools. Each message is a sentence: what happened, where, what to do next.

SandboxError
├── SandboxUnavailable      no engine, no image, no permission: nothing was started        (exit code 4)
├── SandboxGone             the container or the runner died under a running call          (exit code 4)
├── WorkspaceError          the repository cannot be copied in, read out or restored       (exit code 4)
└── PathError               the named path cannot be used; the model can act on it
    ├── PathMissing         also a FileNotFoundError
    ├── PathNotAFile        a directory, device or socket where a file is needed
    ├── PathOutside         the path, links resolved, leaves the permitted roots
    └── PathChanged         the file is not the one that was read (changed on disk)
"""


class SandboxError(Exception):
    """Root of all errors of this package."""


class SandboxUnavailable(SandboxError):
    """The sandbox could not be started; the message names the cause and the remedy."""


class SandboxGone(SandboxError):
    """The container or its runner ended while it was needed."""


class WorkspaceError(SandboxError):
    """The repository cannot be brought into the sandbox, or its changes out of it."""


class PathError(SandboxError):
    """A path given by the model cannot be used."""


class PathMissing(PathError, FileNotFoundError):
    """Nothing stands at the path."""


class PathNotAFile(PathError):
    """Something other than a regular file stands at the path."""


class PathOutside(PathError):
    """The path, after links are resolved, lies outside the permitted roots."""


class PathChanged(PathError):
    """The file on disk is not the version that the caller has seen."""
