"""Which addresses the bot may call: https anywhere, http on this machine alone."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def url_fault(text: str, *, query_allowed: bool = False) -> str | None:
    """What is wrong with a URL, without quoting it: it may hold a password. None where nothing is."""
    if any(char.isspace() or not char.isprintable() for char in text):
        return "holds a space or an invisible character"
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        return "is no URL"
    if not url.scheme or not host:
        return "is no URL with a host"
    if url.scheme not in {"https", "http"}:
        return "is not https"
    if not query_allowed and (url.query or text.endswith("?")):
        return "holds a query or a fragment"
    if url.fragment or text.endswith("#"):
        return "holds a fragment" if query_allowed else "holds a query or a fragment"
    if url.username is not None or url.password is not None:
        return "holds a user or a password"
    if url.scheme == "http" and not _is_loopback(url):
        return f"is http to {host}"
    return None


def _is_loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
