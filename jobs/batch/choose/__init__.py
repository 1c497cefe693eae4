"""Several attempts at one instance, and which of their patches is handed in."""
