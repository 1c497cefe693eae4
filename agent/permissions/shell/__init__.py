"""What a line of bash would run, found without running it. What is not understood is an error, never a guess."""
