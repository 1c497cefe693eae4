"""What `fit` and `serve` share: the machine, the model and the question of a command line."""

import os
import re
import subprocess
from argparse import Namespace
from pathlib import Path

from cli.errors import UsageError
from serving.fit.families import Checkpoint, UnknownName, find_checkpoint
from serving.fit.gpus import GIB, MIB, Gpu, Machine, detected, parse_machine
from serving.fit.local import read_folder
from serving.fit.memory import CacheType
from serving.fit.plan import Fit, Question, fit, precisions
from serving.fit.weights import Precision


def question_of(options: Namespace) -> Question:
    """The question in the options of `cli.parsers.fit.add_plan_options`. Raises `PlanError`."""
    return Question(
        context=options.context or 0,
        agents=options.agents,
        cache=CacheType(options.cache),
        speculative=options.mtp,
        vision=options.images,
        parallel=options.tp,
        share=options.gpu_memory_utilization,
    )


def machine_of(named: str | None) -> Machine | None:
    """The named machine, or the one that `nvidia-smi` sees; None where there is neither."""
    if named is not None:
        try:
            return parse_machine(named)
        except UnknownName as error:
            raise UsageError(str(error)) from error
    return detected(installed_gpus())


def processor() -> Machine | None:
    """This machine without a GPU: the memory that is free now. None where the system does not say (macOS, Windows)."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    if found is None:
        return None
    memory = int(found[1]) * 1024
    return Machine(1, Gpu(f"this processor, {memory / GIB:.0f} GiB free", memory, fp8=False, unified=True, cpu=True))


def free_memory() -> list[int]:
    """Bytes free on each NVIDIA GPU; empty where the driver does not say."""
    rows = _nvidia_smi("memory.free")
    return [int(row) * MIB for row in rows] if rows and all(row.isdigit() for row in rows) else []


def installed_gpus() -> list[tuple[str, int]]:
    """Name and MiB (0 where the driver gives none) of each NVIDIA GPU; empty without `nvidia-smi`."""
    rows: list[tuple[str, int]] = []
    for line in _nvidia_smi("name,memory.total"):
        name, _, memory = line.rpartition(",")
        if name:
            rows.append((name.strip(), int(memory) if memory.strip().isdigit() else 0))
    return rows


def _nvidia_smi(fields: str) -> list[str]:
    """A line for each GPU that vLLM would see: the driver's list does not heed CUDA_VISIBLE_DEVICES."""
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = [line.strip() for line in done.stdout.splitlines()] if done.returncode == 0 else []
    visible = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    if all(part.isdigit() for part in visible):
        return [lines[int(part)] for part in visible if int(part) < len(lines)]
    return lines


def model_of(text: str, precision: str | None) -> tuple[Checkpoint, Precision | None, str]:
    """The checkpoint of `--model`, the precision if one is said, and the folder if it is one."""
    try:
        if _is_folder(text):
            checkpoint, found = read_folder(Path(text))
            return checkpoint, found, str(Path(text).resolve())
        checkpoint, said = find_checkpoint(text)
    except UnknownName as error:
        raise UsageError(str(error)) from error
    return checkpoint, Precision(precision) if precision else said, ""


def _is_folder(text: str) -> bool:
    return Path(text).is_dir() or text.startswith((".", "/", "~"))


def plans(checkpoint: Checkpoint, precision: str | None, machine: Machine, question: Question) -> list[Fit]:
    """One plan for each precision to be considered, the preferred one first."""
    tried = [Precision(precision)] if precision else precisions(checkpoint, machine.gpu)
    return [fit(checkpoint, one, machine, question) for one in tried]
