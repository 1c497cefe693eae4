"""`qwright serve` and `qwright fit`."""
