"""What can go wrong with a server of one's own; the message says what, where, and what to do next."""


class ServeError(Exception):
    """The server cannot be started, or did not become ready."""


class SettingsError(Exception):
    """The user's settings cannot be written; the server is not touched by it."""
