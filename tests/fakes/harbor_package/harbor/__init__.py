"""A stand-in for the package harbor, which needs Python 3.12: only what the adapter uses, as harbor 0.x has it."""
