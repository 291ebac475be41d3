"""Addresses: which of them no other machine reaches, and what browsers make of them."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine. A page of others cannot be at any of them, whatever its own name resolves to."""


def is_loopback(address: str) -> bool:
    """Whether ``address`` (a name of this machine, or an IP address) can be reached from this machine alone."""
    name = address.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        parsed = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def origins_of(urls: Iterable[str]) -> frozenset[str]:
    """The origins of ``urls``, as browsers write them. Raises ValueError for what is no http(s) address."""
    found = set()
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is no address of a site, as https://milepost.example.com is.")
        found.add(f"{parts.scheme}://{parts.netloc}".lower())
    return frozenset(found)


def host_of(url: str) -> str:
    """The host that ``url`` names, without its port, in lower case; empty if it names none."""
    return urlsplit(url).hostname or ""
