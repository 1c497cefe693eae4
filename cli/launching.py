"""What comes before any work of the model: the engine loaded, the server asked, the settings settled."""

import importlib

from agent.settings import Endpoint, Settings, TurnLimits
from agent.thinking import Budgets
from cli import exit_codes
from cli.config import Config
from cli.errors import CommandError
from serving.probe import ServerInfo, ServerUnreachable, ServerUnusable, look


def load_engine() -> None:
    """Import the heavy packages while the container starts."""
    load_client()
    importlib.import_module("agent.session")


def load_client() -> None:
    """Import what the first request needs; what goes on with its answer is loaded while that is on its way."""
    for module in ("openai", "httpx2", "agent.opening", "agent.head_start", "tools.registry"):
        importlib.import_module(module)
    from agent.client import authorities

    authorities()


def look_at(config: Config) -> ServerInfo:
    """Ask the configured server what it serves; raises `CommandError` with the mend."""
    try:
        return look(config.base_url, config.api_key)
    except ServerUnreachable as error:
        raise CommandError(str(error), exit_codes.ENDPOINT) from error
    except ServerUnusable as error:
        raise CommandError(str(error), exit_codes.ENDPOINT) from error


def settings_of(config: Config, info: ServerInfo) -> Settings:
    """The engine's settings from the configuration and what the server says of itself."""
    try:
        model = info.model(config.model)
    except ServerUnusable as error:
        raise CommandError(str(error), exit_codes.ENDPOINT) from error
    return Settings(
        endpoint=Endpoint(
            info.base_url, model.name, config.api_key, model.context_tokens, info.version, config.preserve_thinking
        ),
        thinking=config.thinking,
        budgets=Budgets(**config.thinking_budgets),
        rows_off=frozenset(row for row, on in config.thinking_rows.items() if not on),
        limits=TurnLimits(config.max_steps, config.max_seconds, config.max_tokens),
        answer_tokens=config.answer_tokens,
        patience_s=config.patience_seconds,
        stall_s=config.stall_seconds,
        command_timeout_s=config.command_timeout,
        server_wait_s=config.server_wait_seconds,
        expects_changes=True,
    )
