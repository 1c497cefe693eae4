"""Faces: what stands in the way of a session, and the next steps as keys."""
