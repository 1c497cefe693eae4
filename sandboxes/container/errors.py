"""What an engine's refusal means, and what to type against it. Pure."""

import re

from sandboxes.errors import SandboxError, SandboxUnavailable

OWN_IMAGES = "qwright-sandbox"
# SWE-bench's harness and its kin name images so (swebench/harness/test_spec.py).
_INSTANCE = re.compile(r"(?:^|/)(?:sweb|swe-?bench)[./_-]", re.IGNORECASE)


class EngineError(SandboxError):
    """An engine's refusal: HTTP status (0 when it was not reached) and its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class EngineMissing(SandboxUnavailable):
    """No engine answers, or it may not be used."""


class ImageMissing(SandboxUnavailable):
    """The image is neither on the engine nor to be pulled; the default one can be built."""

    image_missing = True


def unreachable(where: str, reason: str) -> str:
    """No engine answered at `where`."""
    low = reason.lower()
    if "permission denied" in low:
        return (
            f"Permission to use the Docker engine at {where} is denied. Add yourself to its group "
            "(`sudo usermod -aG docker $USER`, then log in again) or use a rootless engine (set DOCKER_HOST)."
        )
    if "certificate" in low or "ssl" in low or "tls" in low:
        return f"The Docker engine at {where} refused the TLS connection ({reason}). Check DOCKER_CERT_PATH."
    return (
        f"No Docker engine answers at {where} ({reason}). Start one (`sudo systemctl start docker`), or set "
        "DOCKER_HOST, or work without a sandbox (`--sandbox local`), which isolates nothing."
    )


def encrypted(where: str) -> str:
    """The engine is reached over TLS or ssh, whose streams cannot be read as plain sockets."""
    return (
        f"The Docker engine at {where} is reached over TLS or ssh, which is not supported. Forward its socket instead: "
        "`ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST`, then set DOCKER_HOST=unix:///tmp/engine.sock."
    )


def no_image(image: str, reason: str) -> str:
    """The image is neither here nor can it be pulled: ours, one of a benchmark's instance, or another."""
    missing = f"The image {image} is not on this machine and could not be pulled ({_short(reason)})."
    if image.startswith(OWN_IMAGES):
        return f"{missing} `qwright sandbox build` makes it; that needs no registry on a Debian machine."
    if _INSTANCE.search(image):
        return (
            f"{missing} It is the image of a benchmark's instance: build it with the benchmark's own harness, or bring "
            f"it with `docker load` or `docker pull {image}` from where it was built."
        )
    return (
        f"{missing} Fetch it with `docker pull {image}` or `docker load`; without --image the default one is taken, "
        "which `qwright sandbox build` makes."
    )


def not_created(image: str, error: EngineError) -> str:
    """Why a container could not be made or started from the image."""
    reason, low = _short(str(error)), str(error).lower()
    if "no space left" in low:
        return f"The Docker engine's disk is full ({reason}). Make room with `docker system prune`, then try again."
    if "exec format error" in low:
        return f"The image {image} is made for another processor than this machine's; use one of this architecture."
    if "/bin/sh" in low and ("no such file" in low or "not found" in low):
        return f"The image {image} has no shell at /bin/sh, which the sandbox needs; use an image with one."
    if "bind source path does not exist" in low or "mount" in low:
        return f"A directory could not be mounted into the sandbox: {reason}. It must exist on the engine's machine."
    if "unable to find user" in low or "no matching entries in passwd" in low:
        return f"The image {image} does not know the user that was asked for ({reason}); give it as uid:gid."
    if "cgroup" in low or "memory limit" in low or "nano" in low or "cpus" in low:
        return f"The engine refused the sandbox's limits ({reason}); lower them in the configuration."
    return f"The Docker engine refused to start a sandbox from {image}: {reason}."


def wrong_platform(image: str, have: str, need: str) -> str:
    """The image is of another architecture."""
    return (
        f"The image {image} is made for {have} and this engine runs {need}. Pull one for it: "
        f"`docker pull --platform linux/{need} {image}`."
    )


def _short(reason: str) -> str:
    return " ".join(reason.split())[:400].rstrip(".")
