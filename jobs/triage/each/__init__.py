"""Many cases at once, resumable."""
