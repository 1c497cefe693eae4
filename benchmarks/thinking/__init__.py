"""What switching thinking per step costs and saves on a real vLLM; see `benchmarks.thinking.__main__`."""
