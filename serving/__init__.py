"""The model server as its user sees it: what it serves, its limits, its health."""
