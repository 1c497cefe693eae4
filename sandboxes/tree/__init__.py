"""The workspace's inside: sources, the private snapshot store, what counts as a change, patches."""
