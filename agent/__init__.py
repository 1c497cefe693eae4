"""The engine: a LangGraph state machine that drives Qwen on vLLM."""
