"""GPUs that people have: memory as the driver reports it, and whether they compute in FP8.

Memory in MiB is what `nvidia-smi` (AMD: `rocm-smi`) shows, which is less than the name says; it differs by a few MiB
between drivers. Unified machines have what their firmware leaves to both processors.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from serving.fit.families import UnknownName

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of device. `memory` in bytes; `unified`: the system lives in the same memory; `cpu`: no GPU at all."""

    name: str
    memory: int
    fp8: bool
    unified: bool = False
    cpu: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """So many of one kind."""

    count: int
    gpu: Gpu

    def __str__(self) -> str:
        return self.gpu.name if self.gpu.cpu else f"{self.count}x {self.gpu.name}"


def _gpu(name: str, mib: int, fp8: bool, *, unified: bool = False) -> Gpu:
    return Gpu(name, mib * MIB, fp8, unified)


GPUS = (
    _gpu("H100", 81_559, True),
    _gpu("H100 NVL", 95_830, True),
    _gpu("H200", 143_771, True),
    _gpu("GH200", 97_871, True),
    _gpu("B200", 183_359, True),
    _gpu("B300", 275_040, True),
    _gpu("A100 80GB", 81_920, False),
    _gpu("A100 40GB", 40_960, False),
    _gpu("A40", 46_068, False),
    _gpu("A10", 23_028, False),
    _gpu("L40S", 46_068, True),
    _gpu("L4", 23_034, True),
    _gpu("RTX 3060", 12_288, False),
    _gpu("RTX 3080", 10_240, False),
    _gpu("RTX 3090", 24_576, False),
    _gpu("RTX 4060 Ti 16GB", 16_380, True),
    _gpu("RTX 4070", 12_282, True),
    _gpu("RTX 4080", 16_376, True),
    _gpu("RTX 4090", 24_564, True),
    _gpu("RTX 5060 Ti 16GB", 16_311, True),
    _gpu("RTX 5070 Ti", 16_303, True),
    _gpu("RTX 5080", 16_303, True),
    _gpu("RTX 5090", 32_607, True),
    _gpu("RTX A6000", 49_140, False),
    _gpu("RTX 6000 Ada", 49_140, True),
    _gpu("RTX PRO 6000", 97_887, True),
    _gpu("RTX 3070 Laptop", 8_192, False),
    _gpu("RTX 4060 Laptop", 8_188, True),
    _gpu("RTX 4070 Laptop", 8_188, True),
    _gpu("RTX 4080 Laptop", 12_282, True),
    _gpu("RTX 4090 Laptop", 16_376, True),
    _gpu("RTX 5070 Laptop", 8_151, True),
    _gpu("RTX 5080 Laptop", 16_303, True),
    _gpu("RTX 5090 Laptop", 24_463, True),
    _gpu("DGX Spark", 122_502, True, unified=True),
    _gpu("Ryzen AI 395 128GB", 98_304, False, unified=True),
    _gpu("MI210", 65_520, False),
    _gpu("MI300X", 196_592, True),
    _gpu("MI325X", 262_128, True),
    _gpu("MI355X", 294_896, True),
    _gpu("RX 7900 XTX", 24_560, False),
)
_ALIASES = {
    "a100": "a100 80gb",
    "a6000": "rtx a6000",
    "6000 pro": "rtx pro 6000",
    "rtx 6000 pro": "rtx pro 6000",
    "pro 6000": "rtx pro 6000",
    "spark": "dgx spark",
    "gb10": "dgx spark",
    "strix halo": "ryzen ai 395 128gb",
    "ryzen ai max 395": "ryzen ai 395 128gb",
    "laptop": "rtx 4070 laptop",
    "7900 xtx": "rx 7900 xtx",
}
_COUNT = re.compile(r"^(?:(\d{1,2})\s*(?:x\s*|\*\s*|\s+))?(.+)$", re.IGNORECASE)
_PLAIN = re.compile(r"^(\d+(?:\.\d+)?)\s*gi?b$", re.IGNORECASE)
_CPU = re.compile(r"^cpu(?:[\s:-]*(\d+(?:\.\d+)?)\s*gi?b)$", re.IGNORECASE)
_DECORATION = re.compile(
    r"nvidia|geforce|amd|radeon|instinct|gpu|sxm\d?|pcie|hbm\d?e?|blackwell|workstation|server|edition|generation|max|q"
)
_SIZE = re.compile(r"\d+gi?b")
MOST_GPUS = 64


def parse_machine(text: str) -> Machine:
    """`8xH100`, `2 x 3090`, `RTX 4090`, `1x80GB` (any GPU with that many GiB), `cpu-32GB`.

    Raises `UnknownName` with what to write instead.
    """
    found = _COUNT.match(text.strip())
    if found is None:
        raise UnknownName("Name the GPUs as 8xH100, RTX 4090, or 1x80GB.")
    count, name = int(found[1] or 1), found[2].strip()
    if not 1 <= count <= MOST_GPUS:
        raise UnknownName(f"{count} GPUs cannot be planned for; name 1 to {MOST_GPUS}.")
    if plain := _PLAIN.match(name):
        return Machine(count, Gpu(f"{plain[1]} GB", _checked(float(plain[1]), text), True))
    if processor := _CPU.match(name):
        return Machine(
            1, Gpu(f"a processor with {processor[1]} GB", _checked(float(processor[1]), text), False, True, True)
        )
    return Machine(count, find_gpu(name))


def _checked(gib: float, text: str) -> int:
    if not 1 <= gib <= 4096:
        raise UnknownName(f"{text!r}: a device has between 1 and 4096 GB.")
    return int(gib * GIB)


def find_gpu(name: str) -> Gpu:
    """A GPU of the table, by its name in any spelling (`4090`, `NVIDIA H100 80GB HBM3`). Raises `UnknownName`."""
    names = {_plain(gpu.name): gpu for gpu in GPUS}
    # A consumer card is known by its number alone.
    names |= {plain.removeprefix("rtx"): gpu for plain, gpu in names.items() if plain.startswith("rtx")}
    names |= {_plain(alias): names[_plain(target)] for alias, target in _ALIASES.items()}
    words = [word for word in re.split(r"[\s_-]+", name.lower()) if not _DECORATION.fullmatch(word)]
    wanted = _plain("".join(words))
    for spelling in (wanted, _plain("".join(word for word in words if not _SIZE.fullmatch(word)))):
        if spelling in names:
            return names[spelling]
    near = list(dict.fromkeys(names[match].name for match in get_close_matches(wanted, names, n=4, cutoff=0.5)))
    hint = f"Nearest: {', '.join(near)}. " if near else f"Known: {', '.join(gpu.name for gpu in GPUS)}. "
    raise UnknownName(f"No GPU {name!r} is known. {hint}Any other can be named by its memory, as 1x80GB.")


def detected(rows: Iterable[tuple[str, int]]) -> Machine | None:
    """The machine of what `nvidia-smi` lists: names and MiB (0: not given). Of several kinds the most numerous."""
    kinds: dict[tuple[str, int], int] = {}
    for row in rows:
        kinds[row] = kinds.get(row, 0) + 1
    if not kinds:
        return None
    (name, mib), count = max(kinds.items(), key=lambda item: (item[1], item[0][1]))
    try:
        known = find_gpu(name)
        return Machine(count, replace(known, name=name, memory=mib * MIB or known.memory))
    except UnknownName:
        return Machine(count, Gpu(name, mib * MIB, fp8=True)) if mib else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())
