"""`qwright triage`."""
