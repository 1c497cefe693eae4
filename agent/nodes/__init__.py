"""The nodes of the graph, one a file. Each takes the turn's state and the engine and returns the next state."""
