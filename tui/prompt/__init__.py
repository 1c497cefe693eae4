"""Where a person types: the editor, its history, mentions and commands."""
