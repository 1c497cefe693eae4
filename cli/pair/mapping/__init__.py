"""The map of a project: its files, and what they define."""
