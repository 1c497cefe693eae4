"""The host's side of the runner: its sources, the frames to and from it, the sandbox calls made of them."""
