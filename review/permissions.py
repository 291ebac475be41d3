"""Who makes a request, and whether they may.

A route says what it needs, and gets who is asking:

    @router.post("/items/{item_id}/accept")
    def accept(item_id: str, actor: Annotated[Actor, Depends(requires(Role.REVIEWER))]) -> ...

A program comes with an API token (`Authorization: Bearer ...`), a browser with its session's cookie. On an embedded
database without accounts whoever sits at this machine is the one local user; nobody else comes in.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Protocol
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, FastAPI, Request
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, Role, Scope, local_actor
from review.refusals import for_program, refusal
from review.security import LOOPBACK_NAMES, host_name, is_loopback
from store import accounts
from store.account_tables import Account, ApiToken, LoginSession
from store.engine import reading, writing

SIGN_IN = "/sign-in"
"""Where people sign in."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers of a proxy: then the machine a request seems to come from is not the one it comes from."""


@dataclass(frozen=True)
class Access:
    """How people come in: kept as ``app.state.access``.

    ``local_name``: who uses an installation without accounts, None if there must be accounts.
    ``secure``: whether browsers reach it by https (as they do through a proxy that ends it), for the cookie.
    """

    engine: Engine
    now: Callable[[], dt.datetime]
    local_name: str | None = None
    lifetime: dt.timedelta = field(default=dt.timedelta(hours=12))
    secure: bool = False

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; with its prefix no other site of a domain can plant one."""
        return "__Host-milepost" if self.secure else "milepost"


class NotSignedIn(Exception):  # noqa: N818 - it names what is the case
    """Nobody is signed in, or no longer. ``token`` says that a program came with a token that does not count."""

    def __init__(self, *, token: bool = False) -> None:
        super().__init__(
            "The token is not valid: it may have expired, or have been revoked." if token else "Please sign in first."
        )
        self.token = token


class NotAllowed(Exception):  # noqa: N818
    """Someone who is signed in may not do this."""

    def __init__(self, needed: Role, actor: Actor) -> None:
        super().__init__(f"This takes the role of {needed.value}; {actor.name} has the role of {actor.role.value}.")
        self.needed = needed


@dataclass(frozen=True)
class Identity:
    """Who is asking, and by which right: a session, a token, or neither (the local user)."""

    actor: Actor
    account: Account | None = None
    session: LoginSession | None = None
    token: ApiToken | None = None


def access_of(request: Request) -> Access:
    """How people come in to the application that got the request."""
    access = request.app.state.access
    assert isinstance(access, Access)
    return access


def identify(request: Request) -> Identity | None:
    """Who makes a request; None if nobody is signed in. Raises NotSignedIn for a token that does not count."""
    known = getattr(request.state, "identity", None)
    if isinstance(known, Identity):
        return known
    access = access_of(request)
    found = _identify(request, access)
    row = found and (found.session or found.token)
    if row and not accounts.seen_lately(row, now=access.now()):
        with writing(access.engine) as session:
            accounts.seen(session, row, now=access.now())
    request.state.identity = found
    return found


def _identify(request: Request, access: Access) -> Identity | None:
    now = access.now()
    authorization = request.headers.get("authorization")
    cookie = request.cookies.get(access.cookie)
    with reading(access.engine) as session:
        if authorization is not None:
            # A request with a token is not asked where it comes from (review.security), so its cookie is not looked at.
            scheme, _, token = authorization.partition(" ")
            holder = accounts.token_of(session, token.strip(), now=now) if scheme.lower() == "bearer" else None
            if holder is None:
                raise NotSignedIn(token=True)
            return Identity(_bounded(holder.account, holder.token), holder.account, token=holder.token)
        if cookie and (signed_in := accounts.session_of(session, cookie, now=now)):
            return Identity(actor_of(signed_in.account), signed_in.account, signed_in.session)
        if access.local_name is not None and _sits_here(request) and not accounts.any_accounts(session):
            return Identity(local_actor(access.local_name))
    return None


def actor_of(account: Account) -> Actor:
    """The account as the audit trail names it."""
    return Actor(id=account.id, name=account.display_name, role=account.role)


def _bounded(account: Account, token: ApiToken) -> Actor:
    """The owner of a token, with no more rights than both the owner and the token have."""
    granted = max((Scope(scope).role for scope in token.scopes), key=list(Role).index)
    role = granted if account.role.allows(granted) else account.role
    return Actor(id=account.id, name=account.display_name, role=role)


def _sits_here(request: Request) -> bool:
    """Whether a request comes from this machine, not through a proxy, and not from a page that renamed itself."""
    address = request.client.host if request.client else ""
    proxied = any(name in request.headers for name in _FORWARDED)
    return is_loopback(address) and not proxied and host_name(request.headers) in LOOPBACK_NAMES


def current_actor(request: Request) -> Actor:
    """Who makes a request (a dependency). Raises NotSignedIn."""
    identity = identify(request)
    if identity is None:
        raise NotSignedIn
    return identity.actor


def in_person(request: Request) -> Identity:
    """Who makes a request, themselves (a dependency): what concerns an account is not for a token to do.

    Raises NotSignedIn, also for a program with a token.
    """
    identity = identify(request)
    if identity is None or identity.token is not None:
        raise NotSignedIn
    return identity


class Requirement(Protocol):
    """What ``requires`` gives."""

    needed: Role

    def __call__(self, request: Request) -> Actor:
        """Who makes the request."""
        ...


class _Requires:
    def __init__(self, needed: Role) -> None:
        self.needed = needed

    def __call__(self, request: Request) -> Actor:
        actor = current_actor(request)
        if not actor.may(self.needed):
            raise NotAllowed(self.needed, actor)
        return actor


def requires(role: Role) -> Requirement:
    """A dependency that gives who is asking, and refuses those who have not at least ``role``."""
    return _Requires(role)


InPerson = Annotated[Identity, Depends(in_person)]
"""For routes about one's own account."""

Viewer = Annotated[Actor, Depends(requires(Role.VIEWER))]
"""For routes that read."""

Reviewer = Annotated[Actor, Depends(requires(Role.REVIEWER))]
"""For routes that decide."""

Admin = Annotated[Actor, Depends(requires(Role.ADMIN))]
"""For routes that administer."""


def answer_refusals(app: FastAPI) -> None:
    """Have the application answer those who are not signed in, or may not, as people and programs need it."""

    @app.exception_handler(NotSignedIn)
    def _sign_in(request: Request, error: Exception) -> Response:
        return _not_signed_in(request, error)

    @app.exception_handler(NotAllowed)
    def _not_allowed(request: Request, error: Exception) -> Response:
        return refusal(request.scope, HTTPStatus.FORBIDDEN, str(error))


def _not_signed_in(request: Request, error: Exception) -> Response:
    by_token = isinstance(error, NotSignedIn) and error.token
    if for_program(request.scope) or by_token:
        return refusal(request.scope, HTTPStatus.UNAUTHORIZED, str(error), headers={"www-authenticate": "Bearer"})
    where = _sign_in_page(request)
    if request.headers.get("hx-request") == "true":
        return refusal(request.scope, HTTPStatus.UNAUTHORIZED, str(error), headers={"hx-redirect": where})
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)


def _sign_in_page(request: Request) -> str:
    """The sign-in page, which leads back to the page that a person wanted to see."""
    root: str = request.scope.get("root_path", "")
    page = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request") == "true":
        page = _page_shown(request.headers) or ""
    elif request.method not in ("GET", "HEAD"):
        page = ""
    path = page.removeprefix(root) if root else page
    return root + SIGN_IN + (f"?{urlencode({'next': path})}" if path not in ("", "/") else "")


def _page_shown(headers: Headers) -> str | None:
    """The page that a request for a part of it was made from."""
    try:
        parts = urlsplit(headers.get("hx-current-url", ""))
    except ValueError:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.path.startswith("/") else None
