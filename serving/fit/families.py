"""The checkpoints of the family and their shapes.

Sources: public configuration files of the checkpoints (third-party copies for some; the parameter counts that follow
from them match the published ones, which is a test), vLLM recipes `models/Qwen/*.yaml` for the names of quantised ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from serving.fit.architecture import Architecture, Experts
from serving.fit.weights import Precision


class UnknownName(ValueError):
    """No such model or GPU; the message names the nearest ones."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model and where its weights are published. `repositories` has Qwen's own, and one of others where it is in use.

    `template` is the generation of its own chat template: 3.6 and 3.8 can keep reasoning across user turns.
    `weights` is what a local folder holds in bytes, 0 where the size is computed. `vision`: there is a vision tower;
    `nested`: the text model's configuration is a part of the whole.
    """

    name: str
    shape: Architecture
    repositories: Mapping[Precision, str]
    template: str = "3.5"
    weights: int = 0
    vision: bool = True
    nested: bool = True

    def source(self, precision: Precision) -> str | None:
        """The name to give to vLLM for this precision; None where none is known."""
        return self.repositories.get(precision)


_SHAPES = {
    "0.8B": Architecture(24, 1024, 8, 2, 16, width=3584, tied=True),
    "2B": Architecture(24, 2048, 8, 2, 16, width=6144, tied=True),
    "4B": Architecture(32, 2560, 16, 4, 32, width=9216, tied=True),
    "9B": Architecture(32, 4096, 16, 4, 32, width=12288),
    "27B": Architecture(64, 5120, 24, 4, 48, width=17408),
    "35B-A3B": Architecture(40, 2048, 16, 2, 32, experts=Experts(256, 8, 512, 512)),
    "122B-A10B": Architecture(48, 3072, 32, 2, 64, experts=Experts(256, 8, 1024, 1024)),
    "397B-A17B": Architecture(60, 4096, 32, 2, 64, experts=Experts(512, 10, 1024, 1024)),
}
_SUFFIXES = {Precision.BF16: "", Precision.FP8: "-FP8", Precision.INT4: "-GPTQ-Int4"}


def _checkpoint(generation: str, size: str, *precisions: Precision, awq: str = "") -> Checkpoint:
    name = f"Qwen{generation}-{size}"
    found = {precision: f"Qwen/{name}{_SUFFIXES[precision]}" for precision in (Precision.BF16, *precisions)}
    if awq:
        found[Precision.AWQ] = awq
    return Checkpoint(name, _SHAPES[size], found, generation)


_ALL = (Precision.FP8, Precision.INT4)
CHECKPOINTS = (
    _checkpoint("3.5", "0.8B"),
    _checkpoint("3.5", "2B"),
    _checkpoint("3.5", "4B"),
    _checkpoint("3.5", "9B"),
    _checkpoint("3.5", "27B", *_ALL),
    _checkpoint("3.5", "35B-A3B", *_ALL),
    _checkpoint("3.5", "122B-A10B", *_ALL, awq="Intel/Qwen3.5-122B-A10B-int4-AutoRound"),
    _checkpoint("3.5", "397B-A17B", *_ALL),
    _checkpoint("3.6", "27B", Precision.FP8),
    _checkpoint("3.6", "35B-A3B", Precision.FP8, awq="QuantTrio/Qwen3.6-35B-A3B-AWQ"),
    _checkpoint("3.8", "27B", Precision.FP8),
)


def find_checkpoint(text: str) -> tuple[Checkpoint, Precision | None]:
    """The checkpoint of a name as people write it: `122B`, `3.6-27b`, `Qwen/Qwen3.5-122B-A10B-FP8`.

    The precision is set where the name says one. Raises `UnknownName` with the nearest names.
    """
    wanted = text.strip().lower().removeprefix("qwen/").replace("_", "-")
    precision: Precision | None = None
    for found, suffix in ((Precision.FP8, "-fp8"), (Precision.INT4, "-gptq-int4"), (Precision.AWQ, "-awq")):
        if wanted.endswith(suffix):
            wanted, precision = wanted.removesuffix(suffix), found
    for checkpoint in CHECKPOINTS:
        if wanted in _spellings(checkpoint):
            return checkpoint, precision
    known = {spelling: checkpoint.name for checkpoint in CHECKPOINTS for spelling in _spellings(checkpoint)}
    near = list(dict.fromkeys(known[match] for match in get_close_matches(wanted, known, n=3, cutoff=0.4)))
    offered = ", ".join(near or [checkpoint.name for checkpoint in CHECKPOINTS])
    raise UnknownName(f"No model {text!r} is known. {'Nearest' if near else 'Known'}: {offered}.")


def _spellings(checkpoint: Checkpoint) -> tuple[str, ...]:
    full = checkpoint.name.lower()
    short = full.removeprefix("qwen")
    size = short.partition("-")[2]
    names = (full, short, short.partition("-a")[0], full.partition("-a")[0])
    # A bare size means the first generation that has it: 27B is Qwen3.5-27B.
    return (*names, size, size.partition("-a")[0]) if checkpoint.template == "3.5" else names
