"""This folder's rows of the table of commands."""

from tui.commands.command import AppActions, Command


async def context(app: AppActions, argument: str) -> None:
    """Open the panel."""
    from tui.panels.context_panel import ContextPanel

    app.show(ContextPanel(app.host))


async def stats(app: AppActions, argument: str) -> None:
    """Open the panel."""
    from tui.panels.stats_panel import StatsPanel

    app.show(StatsPanel(app.host))


async def server(app: AppActions, argument: str) -> None:
    """Open the panel."""
    from tui.panels.server_panel import ServerPanel

    app.show(ServerPanel(app.host))


PANEL_COMMANDS: tuple[Command, ...] = (
    Command("context", "what fills the model's context, by kind, and what is left", context, group="Context"),
    Command("stats", "tokens, thinking and what it saved, edits, tools, time by phase", stats, group="Model"),
    Command("server", "what the model server does: queue, KV cache, hit rate, throughput", server, group="Server"),
)
