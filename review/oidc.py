"""Sign-in through an OpenID Connect provider: authorization code with PKCE (RFC 7636), state kept on the server.

What comes back is believed only if it belongs to a sign-in that began in the same browser, is signed with a key of the
provider, and was made for this application and this sign-in (OpenID Connect Core 1.0, section 3.1.3.7).
"""

import datetime as dt
import secrets
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from models.actor import Role
from review.addresses import is_loopback
from review.provider import Provider

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key of the provider alone: never "none", never with a secret that is shared."""

_TIMEOUT = 10.0
_LARGEST = 1_000_000
_LEEWAY = 60
_KEEP_METADATA = dt.timedelta(hours=1)


class ProviderError(Exception):
    """Sign-in at the provider did not work; the message is for the person, ``cause`` for the log."""

    def __init__(self, message: str, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


class Started(NamedTuple):
    """A sign-in that begins: where the browser goes, and what must be remembered until it comes back."""

    url: str
    state: str
    nonce: str
    code_verifier: str


class Person(NamedTuple):
    """Who the provider says somebody is. ``role`` is what their groups give them, None for nothing."""

    issuer: str
    subject: str
    name: str
    email: str | None
    role: Role | None


class SignInService:
    """The provider, as this application speaks with it. What it says of itself is kept for an hour."""

    def __init__(self, provider: Provider, *, client: httpx.Client | None = None) -> None:
        self.provider = provider
        self._client = client or httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._lock = Lock()
        self._metadata: tuple[dt.datetime, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    def start(self, redirect_uri: str, *, now: dt.datetime) -> Started:
        """Begin a sign-in. Raises ProviderError if the provider does not answer."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint", now)
        return Started(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", state, nonce, verifier)

    def finish(self, code: str, redirect_uri: str, *, nonce: str, code_verifier: str, now: dt.datetime) -> Person:
        """Exchange the code that came back for who it is. Raises ProviderError if anything about it is wrong."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
            "client_id": self.provider.client_id,
        }
        endpoint, login = self._endpoint("token_endpoint", now), None
        if self.provider.client_secret is not None:
            ways = self._discovered(now).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in ways:
                # RFC 6749, section 2.3.1: both are form-encoded first.
                login = quote_plus(self.provider.client_id), quote_plus(self.provider.client_secret)
            else:
                form["client_secret"] = self.provider.client_secret
        answer = self._ask("POST", endpoint, data=form, auth=login)
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise ProviderError(_REFUSED, "no id_token in the answer")
        claims = self._claims(id_token, answer, nonce, now)
        return self._person(claims)

    def _claims(self, id_token: str, answer: dict[str, Any], nonce: str, now: dt.datetime) -> dict[str, Any]:
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        try:
            try:
                decoded = jwt.decode(id_token, self._key_set(now), registry=registry)
            except (JoseError, ValueError, KeyError):
                # A key that was made since the keys were fetched.
                decoded = jwt.decode(id_token, self._key_set(now, anew=True), registry=registry)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                    "nonce": {"essential": True},
                },
                {"nonce": nonce, "client_id": self.provider.client_id, "access_token": answer.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderError(_REFUSED, f"id_token: {error}") from error
        return dict(claims)

    def _person(self, claims: dict[str, Any]) -> Person:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise ProviderError(_REFUSED, "the id_token names nobody")
        email = claims.get("email")
        verified = claims.get("email_verified") in (True, "true")
        names = (claims.get(claim) for claim in ("name", "preferred_username", "email"))
        name = next((value for value in names if isinstance(value, str) and value.strip()), subject)
        return Person(
            self.provider.issuer,
            subject,
            name.strip(),
            email.strip() if isinstance(email, str) and verified else None,
            self._role(claims),
        )

    def _role(self, claims: dict[str, Any]) -> Role | None:
        """The greatest role that the groups in the claim give; a claim in a claim is written ``realm_access.roles``."""
        if self.provider.role_claim is None:
            return None
        value: Any = claims.get(self.provider.role_claim)
        if value is None:
            value = claims
            for part in self.provider.role_claim.split("."):
                value = value.get(part) if isinstance(value, dict) else None
        groups = value if isinstance(value, list) else [value]
        given = [
            self.provider.roles[group] for group in groups if isinstance(group, str) and group in self.provider.roles
        ]
        return max(given, key=list(Role).index, default=None)

    def _endpoint(self, name: str, now: dt.datetime) -> str:
        endpoint = self._discovered(now).get(name)
        if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in ("https", "http"):
            raise ProviderError(_UNREACHABLE, f"the provider names no {name}")
        if urlsplit(endpoint).scheme == "http" and not is_loopback(urlsplit(endpoint).hostname or ""):
            raise ProviderError(_UNREACHABLE, f"the provider's {name} is not encrypted")
        return endpoint

    def _discovered(self, now: dt.datetime) -> dict[str, Any]:
        with self._lock:
            if self._metadata is not None and now - self._metadata[0] < _KEEP_METADATA:
                return self._metadata[1]
            url = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            metadata = self._ask("GET", url)
            if metadata.get("issuer") != self.provider.issuer:
                raise ProviderError(_UNREACHABLE, f"the provider calls itself {metadata.get('issuer')!r}")
            self._metadata = now, metadata
            return metadata

    def _key_set(self, now: dt.datetime, *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            answer: Any = self._ask("GET", self._endpoint("jwks_uri", now))
            self._keys = KeySet.import_key_set(answer)
        return self._keys

    def _ask(self, method: str, url: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, url, headers={"accept": "application/json"}, **arguments)
            body = answer.json() if len(answer.content) <= _LARGEST else None
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderError(_UNREACHABLE, f"{url}: {error}") from error
        if answer.status_code >= 500 or (answer.is_success and not isinstance(body, dict)):
            raise ProviderError(_UNREACHABLE, f"{url}: HTTP {answer.status_code}")
        if not answer.is_success:
            said = body.get("error") if isinstance(body, dict) else None
            raise ProviderError(_REFUSED, f"{url}: HTTP {answer.status_code}, {said}")
        assert isinstance(body, dict)
        return body


_UNREACHABLE = "The sign-in service does not answer as it should. Try again later, or ask your administrator."
_REFUSED = "The sign-in was not accepted. Try again; if it happens again, ask your administrator."
