"""Does anything answer at the address, and is it a model server that takes the key?"""

import urllib.parse
from collections.abc import Sequence

from serving.doctor.finding import Finding
from serving.doctor.server import Server
from serving.doctor.values import as_list, short
from serving.doctor.wire import Reply, Unreachable
from serving.masked import masked

NAME = "reachable"
SET_URL = "export QWRIGHT_BASE_URL="


async def reach(server: Server) -> Sequence[Finding]:
    """Ask for the models; everything after needs the answer."""
    wrong = bad_url(server.wanted.base_url)
    if wrong is not None:
        return [wrong]
    url = f"{server.base_url}/models"
    try:
        reply = await server.wire.get(url, timeout_s=10.0)
    except Unreachable as error:
        return [unreachable(server.base_url, error)]
    if 300 <= reply.status < 400 or reply.status not in (200, 401, 403, 404, 405):
        return [refused(server.base_url, reply)]
    if reply.status in (401, 403):
        return [no_key(reply.status, bool(server.wanted.api_key))]
    if reply.status != 200 or not as_list(reply.body.get("data")):
        return [await _wrong_path(server, reply)]
    server.listing, server.headers = reply.body, reply.headers
    return [Finding(NAME, "ok", f"answers in {reply.seconds * 1000:.0f} ms", figures={"seconds": reply.seconds})]


def bad_url(url: str) -> Finding | None:
    """The finding about an address that nobody can ask."""
    try:
        parts = urllib.parse.urlsplit(url)
        named = parts.hostname, parts.port
    except ValueError as error:
        return Finding(NAME, "fail", f"the address is no URL ({error})", f"{SET_URL}http://HOST:8000/v1")
    if "@" in parts.netloc:
        clean = urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        seen = "the address holds a user name or password, which would end up in logs; it is not used"
        return Finding(NAME, "fail", seen, f"{SET_URL}{clean} and put the key into QWRIGHT_API_KEY")
    if parts.scheme not in ("http", "https") or not named[0]:
        seen = f"{masked(url)!r} is no address of a model server"
        return Finding(NAME, "fail", seen, f"{SET_URL}http://HOST:8000/v1")
    return None


def unreachable(url: str, error: Unreachable) -> Finding:
    """A sentence for each step at which a connection fails."""
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    other = url.replace("https://", "http://", 1)
    match error.cause:
        case "dns":
            seen = f"the name {host} is not known here ({error})"
            mend = f"check the spelling, your VPN and DNS (`getent hosts {host}`), or name the server by its address"
        case "refused":
            seen = f"nothing listens on port {port} of {host} (connection refused)"
            mend = f"start the server (`vllm serve … --port {port}`), or {SET_URL}URL of the one that runs"
        case "tls":
            seen = f"the TLS connection failed: {error}"
            mend = f"have {host} serve a certificate that this machine trusts (SSL_CERT_FILE=FILE for your own CA)"
        case "plain":
            seen = f"the server at {host}:{port} speaks plain HTTP, not HTTPS"
            mend = f"{SET_URL}{other}"
        case "timeout":
            seen = f"{host}:{port} does not answer in time; a firewall may drop the packets, or the server hangs"
            mend = f"`curl -m 5 {url}/models` on the server's own machine tells which of the two"
        case "protocol":
            seen = f"what answers on port {port} of {host} does not speak HTTP as expected ({short(str(error))})"
            mend = f"{SET_URL}{url.replace('http://', 'https://', 1)} if it is a TLS port, else the right port"
        case _:
            seen, mend = f"the connection to {host}:{port} failed: {short(str(error))}", f"{SET_URL}http://HOST:8000/v1"
    return Finding(NAME, "fail", seen, mend, {"cause": error.cause})


def refused(url: str, reply: Reply) -> Finding:
    """A status that is neither a listing nor about key or path."""
    if 300 <= reply.status < 400:
        to = masked(reply.headers.get("location", ""))
        seen = f"the server redirects (HTTP {reply.status}) to {to or 'elsewhere'}; the key is not taken there"
        return Finding(NAME, "fail", seen, f"{SET_URL}the address that it redirects to, if you trust it")
    if reply.status == 503:
        seen = "the server is not ready (HTTP 503): the model may still be loading"
        return Finding(NAME, "fail", seen, f"wait until `curl {url.removesuffix('/v1')}/health` gives 200")
    if reply.status == 400 and "https" in reply.text.lower():
        return Finding(NAME, "fail", "the port expects HTTPS", f"{SET_URL}{url.replace('http://', 'https://', 1)}")
    seen = f"the server answers HTTP {reply.status}: {short(reply.error) or 'no words'}"
    return Finding(
        NAME, "fail", seen, "its log says why; behind a proxy (502, 504) the model server itself may be down"
    )


def no_key(status: int, given: bool) -> Finding:
    """401 or 403."""
    seen = f"the server refuses the key (HTTP {status})" if given else f"the server wants a key (HTTP {status})"
    return Finding(NAME, "fail", seen, "export QWRIGHT_API_KEY=the value of the server's --api-key")


async def _wrong_path(server: Server, reply: Reply) -> Finding:
    base = server.base_url
    root = base.split("/v1")[0].rstrip("/")
    for other in dict.fromkeys((f"{root}/v1", f"{base}/v1")):
        if other == base:
            continue
        try:
            found = await server.wire.get(f"{other}/models", timeout_s=5.0)
        except Unreachable:
            continue
        if found.status in (200, 401, 403) and (found.status != 200 or as_list(found.body.get("data"))):
            seen = f"there is no model list at {masked(base)}/models (HTTP {reply.status}), but one at {other}/models"
            return Finding(NAME, "fail", seen, f"{SET_URL}{other}")
    if reply.status != 200:
        seen = f"{masked(base)}/models does not exist (HTTP {reply.status})"
        return Finding(NAME, "fail", seen, f"{SET_URL}the server's address; it ends in /v1")
    if not reply.body:
        seen = f"the server answers, but not with JSON: {short(reply.text, 60) or 'nothing'}"
        return Finding(NAME, "fail", seen, f"{SET_URL}the model server; this may be a web page or another service")
    return Finding(
        NAME, "fail", "the server answers, but lists no model", "load a model, or name another server with --base-url"
    )
