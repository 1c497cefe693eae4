"""What the server, the sandbox and the session are doing, on one line."""
