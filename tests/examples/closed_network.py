"""The Action's steps on a machine of their own: run in fresh network and mount namespaces by `test_closed_network`.

usage: python -m tests.examples.closed_network FOLDER BASE_URL
Prints as JSON which addresses the reading user reaches, which others do, and what the reader's environment was.
"""

import json
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.examples.steps import ROOT, Runner, inputs, load, named, steps

SERVER, OTHER, NEWER = "10.9.9.1", "10.9.9.2", "fd00::9"
PORTS = (8000, 9000)
NAME = "model.test"
# Stands in for qwright: as whom it runs, what it reaches, what it can read.
PROBE = """#!/usr/bin/env bash
exec 2> /dev/null
echo "user $(id -un)"
for place in $(cat PLACES); do
  if timeout 5 bash -c "</dev/tcp/${place%%:*}/${place#*:}"; then echo "reaches $place"; fi
done
[ -r ci.log ] && [ -r source/a.py ] && echo "reads its input"
[ -n "$QWRIGHT_API_KEY" ] && echo "has the key"
env | grep -c -e ghs_ -e RUNTIME
"""
SUDO = """#!/usr/bin/env bash
shift  # -n
if [ "$1" = -u ]; then user=$2; shift 2; exec runuser -u "$user" -- "$@"; fi
exec "$@"
"""


def main(folder: Path, base_url: str) -> None:
    """Set the machine up, close it, look."""
    _machine(folder)
    with ExitStack() as stack:
        for family, address in ((socket.AF_INET, SERVER), (socket.AF_INET, OTHER), (socket.AF_INET6, NEWER)):
            for port in PORTS:
                listener = stack.enter_context(socket.socket(family))
                listener.bind((address, port))
                listener.listen(32)
        print(json.dumps(_closed(folder, base_url)))


def _machine(folder: Path) -> None:
    run = ["ip", "link", "set", "lo", "up"]
    subprocess.run(run, check=True)
    for place in (f"{SERVER}/24", f"{OTHER}/24"):
        subprocess.run(["ip", "address", "add", place, "dev", "lo"], check=True)
    subprocess.run(["ip", "-6", "address", "add", f"{NEWER}/128", "dev", "lo"], check=True)
    # Users and names of this machine are nobody else's.
    shutil.copytree("/etc", folder / "etc", symlinks=True, ignore=shutil.ignore_patterns("ssl"))
    with (folder / "etc/hosts").open("a") as hosts:
        hosts.write(f"{SERVER} {NAME}\n")
    (folder / "home").mkdir()
    for name in ("etc", "home"):
        subprocess.run(["mount", "--bind", str(folder / name), f"/{name}"], check=True)
    # A rule that lets everything out stands first, as firewalls have it.
    for family in ("iptables", "ip6tables"):
        subprocess.run([family, "-A", "OUTPUT", "-j", "ACCEPT"], check=True)


def _closed(folder: Path, base_url: str) -> dict[str, object]:
    work = folder / "work"
    (work / "source").mkdir(parents=True, mode=0o700)
    (work / "source/a.py").write_text("")
    (work / "ci.log").write_text("")
    (work / "ci.log").chmod(0o600)
    temp = folder / "temp"
    program = temp / "qwright/bin/qwright"
    program.parent.mkdir(parents=True)
    places = [f"{NAME}:8000", *(f"{place}:{port}" for place in (SERVER, OTHER, NEWER) for port in PORTS)]
    (work / "PLACES").write_text("\n".join(places))
    program.write_text(PROBE)
    program.chmod(0o755)
    runner = Runner(
        work, environment={"GITHUB_TOKEN": "ghs_jobtoken", "ACTIONS_RUNTIME_TOKEN": "r", "RUNNER_TEMP": str(temp)}
    )
    runner.program("sudo", SUDO)
    action = load("action.yml")
    given = {"inputs": "ci.log", "repo": "source", "base-url": base_url, "api-key": "k" * 8, "close-network": "true"}
    runner.values = {"github.action_path": str(ROOT), "runner.temp": str(temp), **inputs(action, given)}
    # Twice, as on a machine that is used again.
    said = runner.run(named(steps(action), "Close the network")).stderr
    done = runner.run(named(steps(action), "Close the network"))
    said += done.stderr
    user = runner.values.get("steps.network.outputs.user", "")
    runner.values["inputs.as-user || steps.network.outputs.user"] = user
    others = [place for place in places if _reached(place)]
    told: list[str] = []
    if done.returncode == 0:
        read = runner.run(named(steps(action), "Triage"))
        said += read.stderr
        told = (work / "verdict.json").read_text().splitlines()
    return {"code": done.returncode, "user": user, "said": said, "others": others, "places": places, "told": told}


def _reached(place: str) -> bool:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 5).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
