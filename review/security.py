"""What every request passes through: whose host it names, where it comes from, how large it is; and every answer's
headers.

No tokens against cross-site request forgery: browsers say where a request comes from (`Sec-Fetch-Site`, and `Origin`
where the former is left out: plain http to a host other than localhost), and pages of others cannot make them lie.
"""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.addresses import LOOPBACK_NAMES, is_loopback, origins_of
from review.refusals import refusal

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "LOOPBACK_NAMES",
    "MAX_BODY",
    "Guard",
    "Perimeter",
    "host_name",
    "is_loopback",
    "origins_of",
    "too_large",
]

MAX_BODY = 25 * 1024 * 1024
"""Bytes of a request."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, nothing evaluated, nothing from elsewhere: text of a contract can never run."""

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Perimeter(NamedTuple):
    """Which requests are let in.

    ``hosts``: names under which the application is reached, without ports; None takes any name, which is right only
    where everybody signs in. ``origins``: as browsers see it behind a proxy that changes the host
    (``https://milepost.example.com``). ``max_body``: bytes.
    """

    hosts: frozenset[str] | None = None
    origins: frozenset[str] = frozenset()
    max_body: int = MAX_BODY


def host_name(headers: Headers) -> str | None:
    """The host a request names, without its port, in lower case; None if it names none or nonsense."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return None


class Guard:
    """The middleware. Refuses what must not come in; gives every answer its headers."""

    def __init__(self, app: ASGIApp, perimeter: Perimeter) -> None:
        self.app = app
        self.perimeter = perimeter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There are no web sockets here.
            await send({"type": "websocket.close", "code": 1008})
            return
        sending = _Sending(scope, send)
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, sending)
            return
        try:
            await self.app(scope, _Bounded(receive, self.perimeter.max_body), sending)
        except Exception as error:
            # The edge of a request: whatever it was, the answer has its headers. The server still logs it.
            if not sending.started:
                await self._failed(scope, error)(scope, receive, sending)
            if not isinstance(error, HTTPException):
                raise

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = host_name(headers)
        if host is None or (self.perimeter.hosts is not None and host not in self.perimeter.hosts):
            return refusal(scope, HTTPStatus.MISDIRECTED_REQUEST, "This server is not known by that name.")
        if not self._from_here(scope["method"], headers):
            return refusal(
                scope,
                HTTPStatus.FORBIDDEN,
                "The request came from another site, so nothing was done. Go back and do it from milepost's own page.",
            )
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self.perimeter.max_body:
            return refusal(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large(self.perimeter.max_body))
        return None

    def _from_here(self, method: str, headers: Headers) -> bool:
        """Whether a request that changes something was made by a page of ours, or by no browser at all."""
        if method in _SAFE_METHODS or "authorization" in headers:
            # With a token of its own it needs no cookie, and gets none read (review.permissions).
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin is None:
            # Every browser names the origin of a request that changes something; programs do not have cookies.
            return "cookie" not in headers
        if origin in self.perimeter.origins:
            return True
        return bool(origin) and _authority(origin) == headers.get("host", "").lower()

    def _failed(self, scope: Scope, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return refusal(scope, HTTPStatus(error.status_code), error.detail)
        return refusal(
            scope, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; nothing was changed. Try again."
        )


def too_large(limit: int) -> str:
    """What to tell who sent too much."""
    return f"That is too large: at most {limit // (1024 * 1024)} MB can be sent."


def _authority(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and parts.netloc else None


class _Bounded:
    """Receives a request's body as long as it is not too large: its stated length may be missing, or a lie."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit, self._read = receive, limit, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large(self._limit))
        return message


class _Sending:
    """Sends an answer with its headers; what a route says of its own caching stands."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send, self.started = scope, send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
            if self._scope.get("scheme") == "https":
                headers["strict-transport-security"] = "max-age=31536000"
        await self._send(message)
