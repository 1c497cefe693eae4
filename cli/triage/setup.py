"""What a verdict of `--each` depends on besides its case: with other values it is made anew."""

import json
from argparse import Namespace

from cli.config import Config
from cli.version import VERSION

OPTIONS = frozenset({"repo", "owners", "no_model", "shown_by", "runs", "good", "fix", "attach"})
"""Options of the command line that decide; those that are settings are read from the configuration."""
SETTINGS = frozenset(
    {
        *("model", "thinking", "thinking_budgets", "thinking_rows", "answer_tokens", "preserve_thinking"),
        *("sandbox", "image", "network", "memory_gb", "cpus", "env", "workspace"),
        *("command_timeout", "max_steps", "max_seconds", "max_tokens"),
    }
)
INDIFFERENT_OPTIONS = frozenset(
    {"inputs", "issue", "previous", "each", "out", "workers", "format", "check", "allow_label", "module"}
)
"""The cases and where their verdicts go, how many are made at once, and what belongs to other forms of the command."""
INDIFFERENT_SETTINGS = frozenset(
    {
        *("base_url", "api_key", "server_wait_seconds", "stall_seconds", "patience_seconds"),
        *("theme", "notify", "notify_seconds", "lint_command", "test_command"),
    }
)
"""Where the same model is found and how long it is waited for, and what only the terminal app has."""


def setup_of(options: Namespace, config: Config | None) -> str:
    """The deciding values as text; without a configuration nothing runs and nobody is asked."""
    settings = config.model_dump(mode="json", include=set(SETTINGS)) if config else {}
    deciding = {name: vars(options).get(name) for name in sorted(OPTIONS)}
    return json.dumps([VERSION, deciding, settings], default=str, sort_keys=True)
