"""Many instances of SWE-bench's shape through the engine, and the grading of what came out."""
