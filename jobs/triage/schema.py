"""Writes `docs/schemas/verdict.schema.json`; with --check it only compares."""

import json
import sys

from agent.pages import DOCS, keep
from jobs.triage.verdict import LABELS, Verdict

FILE = DOCS / "schemas" / "verdict.schema.json"


def schema_text() -> str:
    """The JSON Schema (2020-12) of a verdict, labels listed."""
    schema = Verdict.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "qwright triage verdict"
    schema["properties"]["labels"]["items"] = {"enum": list(LABELS), "type": "string"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check the file; the exit code is 1 when a check finds it stale."""
    return keep(FILE, schema_text())


if __name__ == "__main__":
    sys.exit(main())
