"""Back and forward again in a session: conversation, files, or both."""
