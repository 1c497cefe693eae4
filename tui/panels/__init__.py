"""Panels over the conversation: what fills the context, what a session came to, what the server does."""
