"""The Docker backend: a container made from a spec, worked in through the runner, removed at the end."""
