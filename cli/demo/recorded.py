"""The recording that comes with qwright: what a vLLM server answered, byte for byte (`recording/README.md`)."""

import json
from dataclasses import dataclass
from importlib.resources import files

from agent.json_types import as_list, as_object, as_text


@dataclass(frozen=True, slots=True)
class Recording:
    """Bodies of answers: one stream of events per step, and the JSON of `/v1/models` and `/version`."""

    answers: tuple[bytes, ...]
    models: bytes
    version: bytes

    @property
    def server_version(self) -> str:
        """Version of the vLLM that was recorded."""
        return as_text(as_object(json.loads(self.version)).get("version"))


def bundled() -> Recording:
    """The recording in this package."""
    folder = files("cli.demo").joinpath("recording")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sse"))
    return Recording(
        answers=tuple(folder.joinpath(name).read_bytes() for name in names),
        models=folder.joinpath("models.json").read_bytes(),
        version=folder.joinpath("version.json").read_bytes(),
    )


def answers_given(body: bytes) -> int:
    """How many answers the model has given since the user's request, read off a chat request. Raises `ValueError`."""
    roles = [
        as_text(as_object(message).get("role")) for message in as_list(as_object(json.loads(body)).get("messages"))
    ]
    if "user" not in roles:
        raise ValueError("the request holds no user message")
    since = len(roles) - roles[::-1].index("user")
    return roles[since:].count("assistant")


def events_of(answer: bytes) -> list[bytes]:
    """A stream's events, each with the blank line that ends it."""
    return [event + b"\n\n" for event in answer.split(b"\n\n") if event.strip()]
