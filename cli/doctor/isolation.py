"""What holds inside a sandbox, seen from inside: a real one is started, asked, and removed.

Its limits are small ones of our own, so that what the kernel says in there can only come from them.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.doctor.engine import Place
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.errors import SandboxError
from sandboxes.protocol import Limits, Mount, SandboxSpec
from serving.doctor.finding import Finding, untold

MEMORY, PIDS = 300 * 1024**2, 96
HOST_DIR = "/qwright-doctor"
# Files of both generations of control groups; whichever is there is printed.
PROBE = f"""
echo "interfaces=$(ls /sys/class/net 2>/dev/null | tr '\\n' ' ')"
echo "routes=$(tail -n +2 /proc/net/route 2>/dev/null | wc -l)"
echo "memory=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1)"
echo "pids=$(cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null | head -n 1)"
echo "capsline=$(grep CapEff /proc/self/status)"
echo "newprivs=$(grep NoNewPrivs /proc/self/status)"
echo "sockets=$(ls /var/run/docker.sock /run/docker.sock /run/podman/podman.sock 2>/dev/null | tr '\\n' ' ')"
(echo written > {HOST_DIR}/written) 2>/dev/null && echo "wrote=yes" || echo "wrote=no"
echo "readable=$(cat {HOST_DIR}/given 2>/dev/null)"
"""


async def isolation(place: Place) -> Sequence[Finding]:
    """Start a sandbox with a read-only mount, run the probe, compare."""
    name = "isolation"
    if place.config.sandbox == "local":
        seen = "sandbox = local: nothing isolates, commands of the model run on this machine as you"
        return [Finding(name, "warn", seen, 'sandbox = "docker" in the configuration')]
    if not place.image_there:
        return [untold(name, f"it takes a container, and the image {place.image} is not there")]
    with tempfile.TemporaryDirectory(prefix="qwright-doctor-") as folder:
        host = Path(folder)
        (host / "given").write_text("given")
        host.chmod(0o755)
        mount = Mount(host, HOST_DIR, read_only=True)
        limits = Limits(memory_bytes=MEMORY, pids=PIDS)
        sandbox = DockerSandbox(SandboxSpec(place.image, network="none", limits=limits, mounts=(mount,)))
        try:
            await sandbox.start()
        except SandboxError as error:
            return [Finding(name, "fail", f"no sandbox starts: {error}", "see the engine's log: journalctl -u docker")]
        try:
            result = await sandbox.run(PROBE, timeout_s=15)
        except SandboxError as error:
            return [Finding(name, "fail", f"the sandbox runs no command: {error}", f"another image than {place.image}")]
        finally:
            await sandbox.close()
        written = (host / "written").exists()
    return judge(values(result.head.decode("utf-8", "replace")), written)


def values(text: str) -> Mapping[str, str]:
    """The probe's lines `name=value`."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def judge(seen: Mapping[str, str], written: bool) -> Sequence[Finding]:
    """One finding per wall. `written`: the probe's file arrived on the host."""
    return [_network(seen), _limits(seen), _host(seen, written), _rights(seen)]


def _network(seen: Mapping[str, str]) -> Finding:
    interfaces = [name for name in seen.get("interfaces", "").split() if name != "lo"]
    # Kernel modules for tunnels show devices in every namespace; without a route they lead nowhere.
    if seen.get("routes", "0") not in ("0", ""):
        text = f"a sandbox without network still has one ({', '.join(interfaces) or 'a route'})"
        return Finding("network off", "fail", text, "check the engine: `docker run --rm --network none IMAGE ip route`")
    return Finding("network off", "ok", "a sandbox without network has no route out")


def _limits(seen: Mapping[str, str]) -> Finding:
    figures = {"memory": seen.get("memory", ""), "pids": seen.get("pids", "")}
    missing = [name for name, want in (("memory", MEMORY), ("pids", PIDS)) if seen.get(name) != str(want)]
    unread = [name for name in missing if not seen.get(name)]
    if not missing:
        return Finding("limits", "ok", "limits on memory and processes hold inside", figures=figures)
    if unread == missing:
        return untold("limits", "the control groups are not to be read inside the container")
    text = f"the engine does not apply the limit on {' and '.join(missing)}: one sandbox can take the whole machine"
    mend = "rootless engines need delegated control groups (systemd: Delegate=cpu cpuset io memory pids)"
    return Finding("limits", "fail", text, mend, figures)


def _host(seen: Mapping[str, str], written: bool) -> Finding:
    if written or seen.get("wrote") == "yes":
        text = "a directory mounted read-only could be written from inside"
        return Finding("host's files", "fail", text, "update the engine; do not use --workspace bind until then")
    if seen.get("sockets"):
        text = f"the engine's socket is visible inside ({seen['sockets']}): whoever holds it owns the machine"
        return Finding("host's files", "fail", text, "use an image without it")
    if seen.get("readable") != "given":
        text = "a mounted directory is empty inside: the engine runs on another machine, or does not share this path"
        return Finding("host's files", "warn", text, "use --workspace copy, or an engine on this machine")
    return Finding("host's files", "ok", "a read-only mount stays read-only; no engine socket inside")


def _rights(seen: Mapping[str, str]) -> Finding:
    capabilities = seen.get("capsline", "").rpartition(":")[2].strip()
    no_new = seen.get("newprivs", "").rpartition(":")[2].strip()
    if not capabilities:
        return untold("rights", "/proc is not to be read inside the container")
    if capabilities.strip("0") or no_new == "0":
        text = f"commands keep rights (capabilities {capabilities}, no_new_privs {no_new or '?'})"
        return Finding("rights", "fail", text, "update the engine; it ignores CapDrop or no-new-privileges")
    return Finding("rights", "ok", "no capabilities, and no way to new privileges")
