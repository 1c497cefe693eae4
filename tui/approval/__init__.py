"""Where a person decides: cards for calls and questions, the mode, the rules."""
