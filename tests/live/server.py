"""A real vLLM whose words a test writes.

QWRIGHT_TEST_VLLM is its base URL, QWRIGHT_TEST_VLLM_SCRIPTS the folder from which it reads what to say.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vllm:
    base_url: str
    scripts: Path

    def script(self, name: str, turns: list[dict[str, object]], *, match: str = "") -> None:
        """What the model says, one turn after the other, to requests whose user message holds `match` (or `name`)."""
        (self.scripts / f"{name}.json").write_text(json.dumps([{"match": match or name, "turns": turns}]))


def configured() -> Vllm | None:
    base_url, scripts = os.environ.get("QWRIGHT_TEST_VLLM"), os.environ.get("QWRIGHT_TEST_VLLM_SCRIPTS")
    return Vllm(base_url, Path(scripts)) if base_url and scripts else None
