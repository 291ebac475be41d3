"""A small OpenID provider that really runs, on this machine: it knows everyone, and can be told to misbehave."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "milepost & co"
CLIENT_SECRET = "a secret: 100% +/ unusual"


@dataclass
class FakeProvider:
    """What the provider does. ``claims`` are those of whoever signs in; ``spoil`` changes an id_token's at the end."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "17"})
    spoil: Callable[[dict[str, Any]], None] = lambda _: None
    sign: Callable[["FakeProvider", dict[str, Any]], str] | None = None
    methods: list[str] | None = None
    down: bool = False
    calls_itself: str | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}))
    published: RSAKey | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        found = {
            "issuer": self.calls_itself or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return found | ({"token_endpoint_auth_methods_supported": self.methods} if self.methods else {})

    def authorize(self, query: dict[str, str]) -> str:
        """Sign somebody in: where their browser goes next."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        assert query["tenant"] == "1"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Exchange a code, once, for tokens."""
        if authorization is not None:
            name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            login = unquote_plus(name), unquote_plus(secret)
            self.logins.append("basic")
        else:
            login = form["client_id"], form.get("client_secret", "")
            self.logins.append("post")
        began = self.codes.pop(form["code"], None)
        if login != (CLIENT_ID, CLIENT_SECRET) or began is None:
            return 400, {"error": "invalid_grant"}
        if create_s256_code_challenge(form["code_verifier"]) != began["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != began["redirect_uri"] or form["grant_type"] != "authorization_code":
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": began["nonce"]}
        claims |= self.claims
        self.spoil(claims)
        id_token = self.sign(self, claims) if self.sign else signed(self, claims)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": id_token}


def signed(provider: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


def signed_with_the_shared_secret(provider: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(CLIENT_SECRET * 2))


def signed_with_the_public_key_as_a_secret(provider: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(provider.key.as_pem(private=False)))


def signed_by_somebody_else(provider: FakeProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, RSAKey.generate_key(2048, {"kid": "1"}))


def unsigned(provider: FakeProvider, claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


@contextmanager
def running(provider: FakeProvider) -> Iterator[FakeProvider]:
    """The provider, listening on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if provider.down:
                self._json(503, {"error": "down"})
            elif parts.path == "/.well-known/openid-configuration":
                self._json(200, provider.metadata())
            elif parts.path == "/keys":
                key = provider.published or provider.key
                self._json(200, {"keys": [key.as_dict(private=False)]})
            else:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("location", provider.authorize(query))
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(*provider.token(form, self.headers.get("authorization")))

        def _json(self, status: int, value: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
