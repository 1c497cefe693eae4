"""`qwright demo`: a small real bug fixed by the real engine, with the words of a recorded model."""

from cli.demo.command import execute

__all__ = ["execute"]
