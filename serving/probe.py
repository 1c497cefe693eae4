"""What a model server says of itself: the models it serves, their context length, its version.

Standard library only, so that asking does not wait for heavy imports.
"""

import http.client
import json
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as HTTPMessage
from typing import IO, cast

MOST_BYTES = 8_000_000
"""Of an answer; a list of a thousand models has some hundred thousand."""


class ServerUnusable(Exception):
    """The server cannot be used as configured; the message says why and what to do."""


class ServerUnreachable(ServerUnusable):
    """Nothing answers at the URL, or it is not ready yet."""


class ServerLoading(ServerUnreachable):
    """It answers, and says that it is not ready."""


class KeyRefused(ServerUnusable):
    """It wants another key, or none was given."""


class ModelNotServed(ServerUnusable):
    """None of this name, or none named among several; `names` are those that are served."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model name and its context length in tokens; 0 where the server does not say.

    `root` is what was loaded under this name (a path or a repository's name), "" where the server does not say.
    """

    name: str
    context_tokens: int
    root: str = ""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """One look at a server. `version` is vLLM's, "" for servers without /version."""

    base_url: str
    models: tuple[ServedModel, ...]
    version: str

    def model(self, name: str | None) -> ServedModel:
        """The model of this name, or the only one served. Raises `ModelNotServed` with the names there are."""
        served = tuple(model.name for model in self.models)
        names = ", ".join(served) or "none"
        if name is None:
            if len(self.models) == 1:
                return self.models[0]
            raise ModelNotServed(f"{self.base_url} serves several models ({names}); name one with --model.", served)
        for model in self.models:
            if model.name == name:
                return model
        raise ModelNotServed(f"{self.base_url} does not serve {name!r}. It serves: {names}.", served)


def look(base_url: str, api_key: str = "", timeout_s: float = 10.0) -> ServerInfo:
    """Ask `/v1/models` and `/version`. Blocks; raises `ServerUnreachable` or `ServerUnusable`."""
    base_url = base_url.rstrip("/")
    try:
        parts = urllib.parse.urlsplit(base_url)
    except ValueError as error:
        raise ServerUnusable(f"The server's URL is none ({error}); it looks like http://HOST:8000/v1.") from error
    if "@" in parts.netloc:
        raise ServerUnusable("The server's URL holds a user name or password; set QWRIGHT_API_KEY instead.")
    if parts.query or parts.fragment:
        raise ServerUnusable(
            "The server's URL goes on behind its path (?, #); it looks like http://HOST:8000/v1, and a key goes into "
            "QWRIGHT_API_KEY."
        )
    if parts.scheme not in ("http", "https"):
        raise ServerUnusable(f"{base_url!r} is no URL of a model server; it looks like http://HOST:8000/v1.")
    listing = _get(f"{base_url}/models", api_key, timeout_s)
    data: object = listing.get("data")
    rows = cast("list[object]", data) if isinstance(data, list) else []
    models = tuple(_model(cast("Mapping[str, object]", row)) for row in rows if isinstance(row, dict))
    if not models:
        raise ServerUnusable(f"{base_url}/models lists no model. Does the URL end in /v1?")
    return ServerInfo(base_url, models, _version(base_url, api_key, timeout_s))


def opener_for(url: str) -> urllib.request.OpenerDirector:
    """What asks a model server: without redirects, and without a proxy for one on this machine."""
    # A proxy of the environment must not stand between a person and the server on their own machine.
    proxies = urllib.request.ProxyHandler({}) if _is_local(url) else urllib.request.ProxyHandler()
    return urllib.request.build_opener(proxies, _NoRedirect)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the key to a host that the user did not name."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Refuse: the response then counts as an error with its own status."""


def _model(row: Mapping[str, object]) -> ServedModel:
    length = row.get("max_model_len")
    root = row.get("root")
    length = length if isinstance(length, int) else 0
    return ServedModel(str(row.get("id", "")), length, root if isinstance(root, str) else "")


def _version(base_url: str, api_key: str, timeout_s: float) -> str:
    try:
        return str(_get(f"{base_url.removesuffix('/v1')}/version", api_key, timeout_s).get("version", ""))
    except ServerUnusable:
        return ""


def _get(url: str, api_key: str, timeout_s: float) -> Mapping[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else {})
    try:
        with opener_for(url).open(request, timeout=timeout_s) as response:
            data = response.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise ServerUnusable(f"{url} answers with longer than {MOST_BYTES:,} bytes. Is this a vLLM server?")
            value: object = json.loads(data)
    except urllib.error.HTTPError as error:
        error.close()
        raise _http_error(url, error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise ServerUnreachable(silent(url, getattr(error, "reason", error))) from error
    except (ValueError, RecursionError) as error:
        raise ServerUnusable(
            f"{url} answers, but not with JSON. Is this a vLLM server, and does the URL end in /v1?"
        ) from error
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def silent(url: str, reason: object) -> str:
    """Why there is no answer, with the remedy for that."""
    if "WRONG_VERSION_NUMBER" in str(reason):
        return f"The server at {url} speaks plain HTTP: write http:// in its address."
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"This machine does not trust the certificate at {url} ({reason.verify_message}). SSL_CERT_FILE=FILE names "
            "the certificates of your own authority."
        )
    if isinstance(reason, socket.gaierror):
        host = urllib.parse.urlsplit(url).hostname
        return f"The name {host} is not known here ({reason.strerror}). Check its spelling, your VPN and DNS."
    return f"Cannot reach the model server at {url} ({reason}). Start it, or name another with --base-url."


def _http_error(url: str, status: int) -> ServerUnusable:
    if status in (401, 403):
        return KeyRefused(
            f"{url} refused the key (HTTP {status}). Set QWRIGHT_API_KEY to the value of vLLM's --api-key."
        )
    if status == 503:
        return ServerLoading(f"{url} is not ready (HTTP 503); the model may still be loading.")
    if 300 <= status < 400:
        return ServerUnusable(f"{url} redirects elsewhere (HTTP {status}); name the server itself with --base-url.")
    return ServerUnusable(f"{url} answers HTTP {status}. Does the URL end in /v1?")


def _is_local(url: str) -> bool:
    return urllib.parse.urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
