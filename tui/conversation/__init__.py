"""The conversation on the screen: one widget per kind of block, drawn from the block alone."""
