"""`qwright` without a command: the terminal app over the repository at hand."""
