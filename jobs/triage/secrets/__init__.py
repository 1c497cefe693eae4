"""Secrets that texts of a CI job carry: found by their form, by their place, by how random they look."""
