"""`qwright doctor`: the checks of this machine, and the report over all groups."""
