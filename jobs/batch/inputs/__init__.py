"""Where instances come from: rows, tables, task repositories, plain issues."""
