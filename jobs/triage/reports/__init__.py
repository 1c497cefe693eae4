"""A verdict in the forms that people and programs read; all of them inert."""
