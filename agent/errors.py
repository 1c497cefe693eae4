"""What can go wrong in the engine. Each message is a sentence: what happened, where, what to do next.

AgentError
├── EndpointError               the model server; exit code 3
│   ├── EndpointUnreachable     no connection, or it broke before an answer began; worth a retry
│   ├── EndpointBusy            429, 503 or a server error; worth a retry; exit code 75 when retries run out
│   │   ├── EndpointSilent      took the request and then did nothing; worth a few retries
│   │   └── EndpointFailed      500 and the like; worth a few retries
│   │       └── AnswerFailed    the same in mid-answer
│   ├── EndpointRefused         401, 403, 404: key, model name or path is wrong
│   ├── ContextOverflow         the prompt is longer than the server's context
│   └── RequestInvalid          any other 400: a fault of ours or a limit of the server
├── StreamBroken                the stream ended before the answer did; worth a retry
└── SessionError                a session cannot be found, opened or continued; exit code 2
    └── Interrupted             what it was asked for was cancelled
"""

from typing import ClassVar

from agent.failures.table import Counter


class AgentError(Exception):
    """Root of all errors of this package."""


class EndpointError(AgentError):
    """The model server did not give an answer."""


class EndpointUnreachable(EndpointError):
    """No connection to the server, or it was reset."""

    counter: ClassVar[Counter] = "connection_lost"


class EndpointBusy(EndpointError):
    """The server is overloaded or restarting. `retry_after_s` is what it asked for, or None."""

    counter: ClassVar[Counter] = "server_busy"

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EndpointSilent(EndpointBusy):
    """The server took the request and no longer works on it."""

    counter: ClassVar[Counter] = "first_token_late"


class EndpointFailed(EndpointBusy):
    """The server failed at this request."""

    counter: ClassVar[Counter] = "server_failed"


class AnswerFailed(EndpointFailed):
    """The server reported an error in place of the rest of an answer."""

    counter: ClassVar[Counter] = "stream_error"


class EndpointRefused(EndpointError):
    """The server answers but will not serve this client as configured."""


class ContextOverflow(EndpointError):
    """The prompt does not fit into the server's context. Both in tokens, 0 where the server does not say."""

    def __init__(self, message: str, context_tokens: int = 0, prompt_tokens: int = 0) -> None:
        super().__init__(message)
        self.context_tokens = context_tokens
        self.prompt_tokens = prompt_tokens


class RequestInvalid(EndpointError):
    """The server calls the request invalid."""


class StreamBroken(AgentError):
    """An answer began and did not end: the stream was cut, or the server gave it up (`aborted`)."""

    def __init__(self, message: str, *, aborted: bool = False) -> None:
        super().__init__(message)
        self.counter: Counter = "answer_aborted" if aborted else "stream_cut"


class SessionError(AgentError):
    """A session cannot be found, opened or continued."""


class Interrupted(SessionError):
    """What a session was asked for was cancelled before it was done."""
