"""Whether a server takes requests with a priority. vLLM: a lower number is served earlier, 0 is the default.

vLLM's own description says that other servers than those with `--scheduling-policy priority` refuse anything but 0;
0.32 takes it and schedules in order all the same (tried). Which of the two holds can only be asked.
"""

import http.client
import json
import urllib.request

from serving.probe import opener_for


def takes_priority(base_url: str, model: str, priority: int, api_key: str = "", timeout_s: float = 30.0) -> bool:
    """Ask for one token with this priority. Blocks; False for every refusal and every trouble."""
    body = {"model": model, "max_tokens": 1, "priority": priority, "messages": [{"role": "user", "content": "1"}]}
    headers = {"Content-Type": "application/json"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    url = f"{base_url.rstrip('/')}/chat/completions"
    try:
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with opener_for(url).open(request, timeout=timeout_s) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException, ValueError):
        return False
