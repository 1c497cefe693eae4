"""What a session is run with, settled before it starts."""

from dataclasses import dataclass, field

from agent.thinking import Budgets, Policy


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The model server: base URL ending in /v1, model name, key ("" for none), context length in tokens.

    `preserve_thinking` asks the chat template to keep the reasoning of earlier requests in the prompt (Qwen3.6's and
    later ones can; 3.5's ignores it); None leaves it to the server's own default. `priority` is sent with every request
    unless it is 0: vLLM serves lower numbers earlier where it schedules by priority. `seed` is the sampling seed of
    every request; None sends none. `cache_salt` keeps a prefix cache of its own on vLLM, "" shares the one of all.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    context_tokens: int = 0
    version: str = ""
    preserve_thinking: bool | None = None
    priority: int = 0
    seed: int | None = None
    cache_salt: str = ""


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """When a turn is ended from outside; 0 means no limit. Tokens count prompt (uncached) and completion together."""

    steps: int = 250
    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the engine can be told.

    `answer_tokens` is the room reserved for one answer (Qwen's card: 32,768; 81,920 for hard problems). `person` says
    whether someone is there to answer questions. `expects_changes` is set for tasks that nobody watches: an answer that
    shows code while no file has changed is then sent back, twice at the most. A silent server is given up after
    `stall_s` seconds without progress by its own metrics, or after `patience_s` where it has none. `server_wait_s` is
    how long a turn waits for a server that is away (restarting: weights and compilation take minutes) or busy.
    `rows_off` names rows of the table in `agent.thinking` that do not count.
    `command_timeout_s` ends every command, whatever the model asks for; 0 leaves that to the tools.
    """

    endpoint: Endpoint
    thinking: Policy = "auto"
    budgets: Budgets = field(default_factory=Budgets)
    rows_off: frozenset[str] = frozenset()
    limits: TurnLimits = field(default_factory=TurnLimits)
    answer_tokens: int = 32768
    patience_s: float = 900.0
    stall_s: float = 240.0
    server_wait_s: float = 900.0
    person: bool = False
    command_timeout_s: int = 0
    expects_changes: bool = False
