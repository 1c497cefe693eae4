"""`qwright batch` and `qwright evaluate`."""
