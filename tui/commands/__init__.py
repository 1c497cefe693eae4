"""Slash commands and keys: dispatch, completion, the help screen and the docs are made from one table, `table.py`."""
