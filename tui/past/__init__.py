"""Going back and forth: undo, rewind, diff, commit, other sessions."""
