"""What can go wrong in the engine. Each message is a sentence: what happened, where, what to do next.

AgentError
├── EndpointError               the model server; exit code 3
│   ├── EndpointUnreachable     no connection, or it broke before an answer began; worth a retry
│   ├── EndpointBusy            429, 503 or a server error; worth a retry; exit code 75 when retries run out
│   ├── EndpointRefused         401, 403, 404: key, model name or path is wrong
│   ├── ContextOverflow         the prompt is longer than the server's context
│   └── RequestInvalid          any other 400: a fault of ours or a limit of the server
├── StreamBroken                the stream ended before the answer did; worth a retry
└── SessionError                a session cannot be found, opened or continued; exit code 2
"""


class AgentError(Exception):
    """Root of all errors of this package."""


class EndpointError(AgentError):
    """The model server did not give an answer."""


class EndpointUnreachable(EndpointError):
    """No connection to the server, or it was reset."""


class EndpointBusy(EndpointError):
    """The server is overloaded or restarting. `retry_after_s` is what it asked for, or None."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EndpointRefused(EndpointError):
    """The server answers but will not serve this client as configured."""


class ContextOverflow(EndpointError):
    """The prompt does not fit into the server's context."""


class RequestInvalid(EndpointError):
    """The server calls the request invalid."""


class StreamBroken(AgentError):
    """An answer began and did not end."""


class SessionError(AgentError):
    """A session cannot be found, opened or continued."""
