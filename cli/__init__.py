"""The command line: parse, wire the parts together, choose a front."""
