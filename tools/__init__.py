"""What the model may do: shell, editor, search, task list, submit."""
