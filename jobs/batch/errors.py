"""What can go wrong with a batch as a whole. Each message is a sentence: what happened, where, what to do next."""


class BatchError(Exception):
    """The rows, predictions or output folder cannot be used."""
