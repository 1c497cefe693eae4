"""vLLM's log: what it is busy with, how much it can hold, and why it ended.

The wordings are those of vLLM 0.32 (`v1/core/kv_cache_utils.py`, `v1/worker/utils.py`, argparse, huggingface_hub);
whatever is not known here is shown as it stands.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SOURCE = re.compile(r"^\([A-Za-z_0-9]+ pid=\d+\)\s*")
_LEVEL = re.compile(r"^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\]\s*")
_EXCEPTION = re.compile(r"^(?:[a-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception|Exit)\b: .+")
_WRAPPERS = re.compile(r"initialization failed|root cause above|EngineDeadError|^SystemExit|ChildFailedError")
_CAPACITY = re.compile(r"KV cache size: ([\d,]+) tokens.* for ([\d,]+) tokens per request: ([\d.]+)x")
_PHASES = (
    # First, because this line spells out the whole configuration, words of the other stages among it.
    (re.compile(r"Initializing a V\d LLM engine"), "starting the engine"),
    (re.compile(r"Application startup complete|Starting vLLM server"), "answering its first chat"),
    (re.compile(r"[Cc]apturing CUDA graphs|Graph capturing"), "capturing CUDA graphs"),
    (re.compile(r"KV cache|init engine|[Pp]rofiling"), "measuring the memory that is left"),
    (re.compile(r"torch\.compile takes|Dynamo bytecode|Compiling a graph|torch_compile_cache"), "compiling the model"),
    (re.compile(r"Fetching|[Dd]ownloading"), "downloading the weights"),
    (
        re.compile(r"Starting to load model|Loading (?:safetensors|weights|pt)|Model loading took"),
        "loading the weights",
    ),
)
_MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Capacity:
    """What vLLM found room for: tokens in all, and requests of `context` tokens at once."""

    tokens: int
    context: int
    concurrency: float


@dataclass(frozen=True, slots=True)
class Death:
    """The line that says why a server ended, and what to do about it ("" where that is not known)."""

    line: str
    advice: str


def plain(line: str) -> str:
    """A log line without the process, the time and the place that wrote it."""
    return _LEVEL.sub("", _SOURCE.sub("", line.strip())).strip()


def phase(line: str) -> str | None:
    """What a log line says vLLM is busy with; None where it says nothing of it."""
    return next((name for pattern, name in _PHASES if pattern.search(line)), None)


def capacity(lines: Sequence[str]) -> Capacity | None:
    """What vLLM found room for, once it has said so."""
    for line in lines:
        if found := _CAPACITY.search(line):
            tokens, context = (int(found[n].replace(",", "")) for n in (1, 2))
            return Capacity(tokens, context, float(found[3]))
    return None


def _longest(found: re.Match[str]) -> str:
    estimate = re.search(r"estimated maximum model length is (\d+)", found.string)
    most = f"Take --context {estimate[1]} or less" if estimate else "Take a shorter --context"
    return f"{most}, a cache of half the size (--cache fp8), or fewer bits (--precision)."


def _too_old(found: re.Match[str]) -> str:
    flag = found[1].strip()
    return f"This vLLM does not know {flag}; the command is for 0.32. Upgrade vLLM, or mend what stands after --."


_CAUSES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"error: unrecognized arguments: (.+)"), _too_old),
    (re.compile(r"error: (?:argument|the following arguments) .+"), "Check what stands after --."),
    (re.compile(r"To serve at least one request with the model's max seq len.*"), _longest),
    (
        re.compile(r"No available memory for the cache blocks.*"),
        "The weights leave no room: `qwright fit --model …` says what would.",
    ),
    (
        re.compile(r"Free memory on device .*"),
        "Another process holds memory of the GPU (nvidia-smi names it): end it, or lower --gpu-memory-utilization.",
    ),
    (
        re.compile(r"(?:Available|Free) memory on node .*"),
        "Close other programs, or take a smaller model, a shorter --context or fewer --agents.",
    ),
    (
        re.compile(r".*(?:CUDA|HIP) out of memory.*|.*OutOfMemoryError.*"),
        "Take a shorter --context, fewer bits (--precision), or a lower --gpu-memory-utilization.",
    ),
    (re.compile(r".*[Aa]ddress already in use.*"), "Take another --port."),
    (re.compile(r".*(?:max_model_len|max_position_embeddings) .* (?:greater|exceed).*"), "Take a shorter --context."),
    (re.compile(r".*not divisible by weight quantization.*"), "Take a smaller --tp, or -- --enable-expert-parallel."),
    (
        re.compile(r".*(?:Repo id must be|is not a local folder|not a valid model identifier|Repository Not Found).*"),
        "There is no such folder or model; check --model.",
    ),
    (
        re.compile(
            r".*(?:offline mode|LocalEntryNotFoundError|couldn't connect to|Cannot find an appropriate cached).*"
        ),
        "The weights are not on this machine and could not be fetched: give --model the folder that holds them.",
    ),
    (
        re.compile(r".*(?:GatedRepo|401 Client Error|403 Client Error).*"),
        "Set HF_TOKEN to a key that may read the model.",
    ),
    (re.compile(r".*No space left on device.*"), "Make room on the disk."),
)


def decisive(lines: Sequence[str], exit_code: int) -> Death:
    """Why a server ended: the first known cause, else the first exception that wraps no other, else the last line."""
    said = [line for line in map(plain, lines) if line]
    for line in said:
        for pattern, advice in _CAUSES:
            if found := pattern.search(line):
                return Death(found[0].strip(), advice if isinstance(advice, str) else advice(found))
    if exit_code == -9:
        return Death(
            "it was killed (signal 9)", "That is mostly the system's memory running out: take a smaller model."
        )
    exceptions = [line for line in said if _EXCEPTION.match(line) and not _WRAPPERS.search(line)]
    return Death((exceptions or said[-1:] or ["it wrote nothing"])[0], "")


class LogTail:
    """New lines of a growing file. A progress bar that overwrites itself counts as its last state.

    `shown`, if given, gets every new lot of lines.
    """

    def __init__(self, path: Path, shown: Callable[[Sequence[str]], None] | None = None) -> None:
        self.path = path
        self._shown = shown
        self._at = 0
        self._rest = b""

    def new(self) -> list[str]:
        """Complete lines that were written since the last call."""
        with self.path.open("rb") as file:
            file.seek(self._at)
            chunk = file.read(_MOST_BYTES)
        self._at += len(chunk)
        *whole, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        lines = [line.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode(errors="replace") for line in whole]
        if lines and self._shown is not None:
            self._shown(lines)
        return lines


def all_lines(path: Path) -> list[str]:
    """The end of the log, at most 4 MB of it; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _MOST_BYTES))
            return re.split(r"[\r\n]+", file.read().decode(errors="replace"))
    except OSError:
        return []
