"""See `harbor`."""
