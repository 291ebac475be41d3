"""A POST to an address that was checked: neither a private network nor this machine, unless that is allowed.

The name is resolved once, every address it has is checked, and the connection goes to a checked one: a name that means
something else a moment later changes nothing. Redirects are followed only where the request stays the same (307, 308),
and each target is checked as the first one was.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

_REDIRECTS = 3
_SAME_REQUEST = (307, 308)
_READ = 4096
"""Bytes of an answer that are looked at."""

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses within IPv6 (RFC 6052): what they lead to is not seen from here."""


class Answer(NamedTuple):
    """What was answered."""

    status: int
    reason: str


class RefusedAddressError(Exception):
    """The address may not be called, or cannot be one."""


class NotSentError(Exception):
    """Nothing was handed over: no such name, no connection, no trust."""


class NoAnswerError(Exception):
    """The request was handed over and no answer came."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float, allow_private: bool = False) -> Answer:
    """Post ``body``, and follow redirects.

    Raises:
        RefusedAddressError: an address on the way may not be called.
        NotSentError: nothing was handed over.
        NoAnswerError: it was, and no answer came.
    """
    for _ in range(_REDIRECTS + 1):
        parts = _split(url)
        status, reason, location = _post(parts, body, headers, timeout, allow_private)
        if status not in _SAME_REQUEST or not location:
            return Answer(status, reason)
        target = _joined(url, location)
        if parts.scheme == "https" and not target.startswith("https:"):
            raise RefusedAddressError("it redirects from https to http")
        url = target
    raise RefusedAddressError(f"it redirects more than {_REDIRECTS} times")


def may_be_called(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _TRANSLATED or found.sixtofour or found.teredo:
            return False
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise RefusedAddressError(f"it redirects to no address: {error}") from error


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RefusedAddressError(f"it is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise RefusedAddressError("it is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError("it holds a user name")
    return parts


def _post(
    parts: SplitResult, body: bytes, headers: Mapping[str, str], timeout: float, allow_private: bool
) -> tuple[int, str, str | None]:
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=timeout)
    try:
        connection.sock = _connected(parts, port, timeout, allow_private)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answer.read(_READ)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from error
        return answer.status, answer.reason, answer.getheader("location")
    finally:
        connection.close()


def _connected(parts: SplitResult, port: int, timeout: float, allow_private: bool) -> socket.socket:
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSentError(f"{host} is not found: {error}") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not allow_private:
        # One private address among public ones is enough: which one is taken is for others to choose.
        for address in addresses:
            if not may_be_called(address):
                raise RefusedAddressError(f"{host} is at {address}, which is no public address")
    problem: OSError | None = None
    for address in addresses:
        try:
            raw = socket.create_connection((address, port), timeout)
        except OSError as error:
            problem = error
            continue
        if parts.scheme == "http":
            return raw
        try:
            return ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        except OSError as error:
            raw.close()
            problem = error
    raise NotSentError(f"{host} cannot be reached: {problem}")
