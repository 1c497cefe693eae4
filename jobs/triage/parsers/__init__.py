"""One parser per family of tools: pure, streaming, a line at a time."""
