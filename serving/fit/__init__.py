"""What of the Qwen3.5 family fits on which GPUs: pure arithmetic over facts of the models and of vLLM."""
