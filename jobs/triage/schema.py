"""Writes `docs/schemas/verdict.schema.json`; with --check it only says whether that is fresh."""

import json
import sys
from pathlib import Path

from jobs.triage.verdict import LABELS, Verdict

FILE = Path(__file__).resolve().parent.parent.parent / "docs" / "schemas" / "verdict.schema.json"


def schema_text() -> str:
    """The JSON Schema (2020-12) of a verdict, labels listed."""
    schema = Verdict.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "qwright triage verdict"
    schema["properties"]["labels"]["items"] = {"enum": list(LABELS), "type": "string"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """0 when the file is fresh or was written, 1 when --check finds it stale."""
    if "--check" in sys.argv:
        if FILE.is_file() and FILE.read_text("utf-8") == schema_text():
            return 0
        print(f"{FILE.name} is not what the code says; run `make docs`.", file=sys.stderr)
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(schema_text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
