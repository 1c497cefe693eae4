"""vLLM's `/metrics`, as far as checks need them: a gauge or counter by name, and the labels of the cache's settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)\s*$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Metrics:
    """Sums over all labels, and what `vllm:cache_config_info` says of the cache."""

    sums: Mapping[str, float]
    cache: Mapping[str, str]

    @property
    def block_tokens(self) -> int | None:
        """Tokens of a cache block, which for a hybrid model is some hundreds."""
        size = self.cache.get("block_size", "")
        return int(size) if size.isdecimal() else None

    @property
    def speculative(self) -> bool:
        """Whether the server drafts tokens (MTP or another method)."""
        return any(name.startswith("vllm:spec_decode_num_draft") for name in self.sums)


def read_metrics(text: str) -> Metrics:
    """Parse the Prometheus text format; lines that are none of it are passed over."""
    sums: dict[str, float] = {}
    cache: dict[str, str] = {}
    for line in text.splitlines():
        found = None if line.startswith("#") else _LINE.match(line)
        if found is None:
            continue
        name, labels, number = found.groups()
        try:
            sums[name] = sums.get(name, 0.0) + float(number)
        except ValueError:
            continue
        if name == "vllm:cache_config_info":
            cache |= dict(_LABEL.findall(labels or ""))
    return Metrics(sums, cache)
