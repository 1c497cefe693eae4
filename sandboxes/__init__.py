"""Where the work is done: containers, the runner inside them, the workspace and its snapshots."""
