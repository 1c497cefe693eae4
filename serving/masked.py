"""Addresses as they may be shown."""

import urllib.parse


def masked(url: str) -> str:
    """The URL without a user name and password, and without a query, where keys hide too."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(not a URL)"
    hidden = f"***@{host}" if "@" in parts.netloc else host
    query = "***" if parts.query else ""
    return urllib.parse.urlunsplit((parts.scheme, hidden, parts.path, query, ""))
