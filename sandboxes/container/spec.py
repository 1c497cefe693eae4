"""From a `SandboxSpec` to the body of Docker's container create request. Looks at mounts on disk; otherwise pure."""

from pathlib import Path

from sandboxes.channel.channel import Json, JsonObject
from sandboxes.container.owner import Owner
from sandboxes.errors import SandboxUnavailable
from sandboxes.protocol import Mount, SandboxSpec

LABEL = "qwright"
LABEL_SESSION = "qwright.session"
LABEL_OWNER = "qwright.owner"
LABEL_WORKDIR = "qwright.workdir"
LABEL_NETWORK = "qwright.network"
NAME_PREFIX = "qwright-"
SCRATCH = "/tmp/qwright"
_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock")

# Nothing but a shell is needed to sleep. Signals are ignored, because a command's `kill -TERM -1` reaches this process
# too; the engine ends it with SIGKILL. Init in front of it reaps orphans.
_SLEEP = "trap '' TERM INT HUP; while :; do sleep 86400; done"


def container_name(unique: str, owner: Owner) -> str:
    """Name that carries the owner: unlike a label it can be changed when another process takes the container over."""
    return f"{NAME_PREFIX}{unique}_{owner}"


def create_body(spec: SandboxSpec, owner: Owner) -> JsonObject:
    """Body of `POST /containers/create` (Docker API 1.41). Raises `SandboxUnavailable` for a mounted socket."""
    for mount in spec.mounts:
        if _is_socket(mount.host):
            raise SandboxUnavailable(
                f"{mount.host} is a socket; whoever holds a container engine's socket owns the machine. "
                "Remove that mount."
            )
    body: JsonObject = {
        "Image": spec.image,
        "Entrypoint": ["/bin/sh", "-c"],
        "Cmd": [_SLEEP],
        # Not the work directory: the engine would make a missing one, and as root.
        "WorkingDir": "/",
        "Env": [f"{name}={value}" for name, value in spec.environment.items()],
        "Labels": _labels(spec, owner),
        "StopSignal": "SIGKILL",
        "Tty": False,
        "OpenStdin": False,
        "HostConfig": _host_config(spec),
        # An image's health check would run beside the agent's commands and read its workspace.
        "Healthcheck": {"Test": ["NONE"]},
    }
    if spec.user is not None:
        body["User"] = spec.user
    if spec.network == "none":
        body["NetworkDisabled"] = True
    return body


def _is_socket(host: Path) -> bool:
    """Whether a mount would show a socket; links are followed, as the engine follows them."""
    resolved = host.resolve()
    return host.name in _SOCKETS or resolved.name in _SOCKETS or resolved.is_socket()


def _labels(spec: SandboxSpec, owner: Owner) -> JsonObject:
    labels: JsonObject = dict(spec.labels)
    labels[LABEL] = "1"
    labels[LABEL_SESSION] = spec.session_id
    labels[LABEL_OWNER] = str(owner)
    labels[LABEL_WORKDIR] = spec.workdir
    labels[LABEL_NETWORK] = spec.network
    return labels


def _host_config(spec: SandboxSpec) -> JsonObject:
    limits = spec.limits
    config: JsonObject = {
        "Init": True,
        "NetworkMode": "none" if spec.network == "none" else "default",
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "PidsLimit": limits.pids,
        "Memory": limits.memory_bytes,
        # Equal to Memory: no swap. An agent's runaway process shall end, not thrash the machine.
        "MemorySwap": limits.memory_bytes,
        "Mounts": [_mount(mount) for mount in spec.mounts],
        # Nothing a container prints to its own log is wanted, and it would fill the host's disk.
        "LogConfig": {"Type": "none"},
    }
    if limits.cpus > 0:
        config["NanoCpus"] = int(limits.cpus * 1e9)
    return config


def _mount(mount: Mount) -> Json:
    return {"Type": "bind", "Source": str(mount.host), "Target": mount.target, "ReadOnly": mount.read_only}
