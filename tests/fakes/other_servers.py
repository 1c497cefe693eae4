"""What servers other than vLLM 0.32 say of themselves: bodies in the shape that their documentation shows."""

from collections.abc import Mapping

from tests.fakes.routes import Route, Said, always


def listing(owner: str, name: str, **more: object) -> Route:
    """`/v1/models` with one model."""
    return always({"object": "list", "data": [{"id": name, "object": "model", "owned_by": owner, **more}]})


def completion(content: str, **usage: object) -> Route:
    """Every chat gets the same words, without calls or reasoning, never streamed."""
    counts = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25, **usage}
    message = {"role": "assistant", "content": content}
    return always({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": counts})


CHAT = completion("Hello.")

LLAMA_CPP: Mapping[str, Route] = {
    "/v1/models": listing("llamacpp", "qwen3.5-35b-a3b-q4_k_m.gguf", meta={"n_ctx_train": 262144}),
    "/props": always(
        {
            "default_generation_settings": {"n_ctx": 65536},
            "total_slots": 4,
            "modalities": {"vision": True, "audio": False},
            "build_info": "b8681-Debian",
        }
    ),
    "/health": always({"status": "ok"}),
    "/apply-template": lambda _: Said({"prompt": "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n"}),
    "/v1/chat/completions": CHAT,
}
OLLAMA: Mapping[str, Route] = {
    "/v1/models": listing("library", "qwen3.5:35b"),
    "/api/version": always({"version": "0.40.12"}),
    "/": always("Ollama is running"),
    "/v1/chat/completions": CHAT,
}
SGLANG: Mapping[str, Route] = {
    "/v1/models": listing("sglang", "Qwen/Qwen3.5-122B-A10B", root="Qwen/Qwen3.5-122B-A10B", max_model_len=262144),
    "/get_model_info": always({"model_path": "Qwen/Qwen3.5-122B-A10B", "is_generation": True}),
    "/health": always(""),
    "/v1/chat/completions": CHAT,
}
LITELLM: Mapping[str, Route] = {
    "/v1/models": listing("openai", "qwen-coder"),
    "/health/liveliness": always("I'm alive!", headers={"x-litellm-version": "1.94.1"}),
    "/v1/chat/completions": CHAT,
}
OLD_VLLM: Mapping[str, Route] = {
    "/v1/models": listing("vllm", "Qwen/Qwen3-32B", root="Qwen/Qwen3-32B", max_model_len=40960),
    "/version": always({"version": "0.10.2"}),
    "/v1/chat/completions": CHAT,
}
UNKNOWN: Mapping[str, Route] = {"/v1/models": listing("me", "coder"), "/v1/chat/completions": CHAT}
