"""Work without a person."""
