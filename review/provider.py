"""The settings of an OpenID provider. Light: settings are loaded by every command."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from models.actor import Role
from models.base import Value
from review.addresses import is_loopback


class Provider(Value):
    """An OpenID provider, and who may come in through it.

    ``role_claim`` names the claim that holds a person's groups or roles, ``roles`` what each of those means here; the
    greatest counts, at each sign-in anew. ``default_role`` is for everyone else the provider knows; without one, only
    people whose account was made before, or whose groups give them a role, come in.
    """

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: str | None = Field(default=None, repr=False)
    label: str = "single sign-on"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    role_claim: str | None = None
    roles: dict[str, Role] = Field(default_factory=dict)
    default_role: Role | None = None

    @field_validator("issuer")
    @classmethod
    def _issuer_is_https(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return issuer
        raise ValueError("the issuer is an address that begins with https://")

    @field_validator("scopes")
    @classmethod
    def _openid_is_asked_for(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return scopes if "openid" in scopes else ("openid", *scopes)
