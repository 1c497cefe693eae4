"""`qwright sessions`, and the sessions of this machine."""
