"""What the app knows of the project itself: its checks and its map."""
