"""Making room in the prompt: old steps leave it, a summary takes their place."""
