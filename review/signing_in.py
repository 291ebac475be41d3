"""Signing in and out, by password or at an OpenID provider, and what one is signed in with: sessions and API tokens."""

import datetime as dt
import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.actor import Role
from review.oidc import Person, ProviderError, SignInService
from review.passwords import check_password
from review.permissions import (
    SIGN_IN,
    Access,
    Identity,
    InPerson,
    NotSignedIn,
    access_of,
    identify,
)
from review.rendering import page, root_of
from review.throttle import Throttle, TooManyAttempts
from store import accounts
from store.account_tables import Account
from store.engine import reading, writing
from store.errors import StoreError

log = logging.getLogger("milepost.review")

_WRONG = "The name or the password is not right."
_NO_ACCOUNT = "You are known to the sign-in service, but have no account here. Ask your administrator for one."
_BEGAN_ELSEWHERE = "This sign-in took too long, or began in another browser. Begin again."
_ATTEMPT_COOKIE = "milepost-sign-in"


@dataclass(frozen=True)
class SigningIn:
    """What signing in needs besides ``Access``; kept as ``app.state.signing_in``."""

    throttle: Throttle
    service: SignInService | None
    base_url: str | None


router = APIRouter(include_in_schema=False)


def signing_in_of(request: Request) -> SigningIn:
    """What signing in needs, of the application that got the request."""
    parts = request.app.state.signing_in
    assert isinstance(parts, SigningIn)
    return parts


Signing = Annotated[SigningIn, Depends(signing_in_of)]
Entry = Annotated[Access, Depends(access_of)]
Next = Annotated[str, Query(alias="next", max_length=2000)]
Field = Annotated[str, Form(max_length=2000)]


@router.get(SIGN_IN)
def sign_in_page(request: Request, signing: Signing, next_path: Next = "/") -> Response:
    """The page to sign in on; who needs not is led on."""
    if _signed_in(request) is not None:
        return see(request, _inside(next_path))
    return _sign_in_form(request, signing, _inside(next_path))


@router.post(SIGN_IN)
def sign_in(
    request: Request,
    access: Entry,
    signing: Signing,
    name: Field = "",
    password: Field = "",
    next_path: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Sign in by name and password."""
    onward = _inside(next_path)
    address = request.client.host if request.client else ""
    known_as = name.strip().casefold()[:100]
    try:
        signing.throttle.attempt(address, known_as)
    except TooManyAttempts as error:
        log.warning("sign-in refused: too many attempts from %s", address)
        return _sign_in_form(
            request,
            signing,
            onward,
            name=name,
            error=str(error),
            status=HTTPStatus.TOO_MANY_REQUESTS,
            headers={"retry-after": str(error.seconds)},
        )
    with reading(access.engine) as session:
        account = accounts.find_account(session, name)
    usable = account if account is not None and account.active else None
    # Outside of any transaction: it takes a while.
    right, better = check_password(password, usable.password_hash if usable else None)
    if usable is None or not right:
        log.info("sign-in failed from %s", address)
        return _sign_in_form(request, signing, onward, name=name, error=_WRONG, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    signing.throttle.succeeded(address, known_as)
    return let_in(request, access, usable, onward, better_hash=better)


@router.get(SIGN_IN + "/sso")
def sign_in_elsewhere(request: Request, access: Entry, signing: Signing, next_path: Next = "/") -> Response:
    """Go to the OpenID provider."""
    if signing.service is None:
        return _sign_in_form(request, signing, _inside(next_path), status=HTTPStatus.NOT_FOUND)
    now = access.now()
    try:
        started = signing.service.start(_way_back(request, signing), now=now)
    except ProviderError as error:
        return _notlet_in(request, signing, error)
    browser = secrets.token_urlsafe(32)
    with writing(access.engine) as session:
        accounts.begin_attempt(
            session,
            state=started.state,
            browser=browser,
            nonce=started.nonce,
            code_verifier=started.code_verifier,
            next_path=_inside(next_path),
            now=now,
        )
    answer = RedirectResponse(started.url, HTTPStatus.SEE_OTHER)
    # Lax, not Strict: the browser comes back from another site.
    answer.set_cookie(
        _ATTEMPT_COOKIE,
        browser,
        max_age=int(accounts.ATTEMPT_LIFETIME.total_seconds()),
        path=root_of(request) + SIGN_IN,
        secure=_is_secure(request, access),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(SIGN_IN + "/sso/back")
def come_back(
    request: Request,
    access: Entry,
    signing: Signing,
    state: Annotated[str, Query(max_length=2000)] = "",
    code: Annotated[str, Query(max_length=8000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Come back from the OpenID provider, and in."""
    if signing.service is None:
        return _sign_in_form(request, signing, "/", status=HTTPStatus.NOT_FOUND)
    now = access.now()
    with writing(access.engine) as session:
        attempt = accounts.take_attempt(session, state=state, browser=request.cookies.get(_ATTEMPT_COOKIE, ""), now=now)
    if attempt is None:
        return _sign_in_form(request, signing, "/", error=_BEGAN_ELSEWHERE, status=HTTPStatus.BAD_REQUEST)
    if error or not code:
        cancelled = ProviderError("You were not signed in.", f"the provider said {error!r}")
        return _notlet_in(request, signing, cancelled)
    try:
        person = signing.service.finish(
            code, _way_back(request, signing), nonce=attempt.nonce, code_verifier=attempt.code_verifier, now=now
        )
    except ProviderError as failure:
        return _notlet_in(request, signing, failure)
    account = _account_of(access, person, signing.service.provider.default_role, now)
    if account is None:
        log.info("sign-in refused: no account for a person the provider knows")
        return _sign_in_form(request, signing, "/", error=_NO_ACCOUNT, status=HTTPStatus.FORBIDDEN)
    answer = let_in(request, access, account, attempt.next_path)
    answer.delete_cookie(_ATTEMPT_COOKIE, path=root_of(request) + SIGN_IN)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, access: Entry, identity: InPerson) -> Response:
    """End this browser's session."""
    if identity.session is not None:
        with writing(access.engine) as session:
            accounts.revoke_session(session, identity.session.id, now=access.now())
    answer = see(request, SIGN_IN)
    answer.delete_cookie(access.cookie, path="/", secure=access.secure, httponly=True, samesite="lax")
    return answer


def _signed_in(request: Request) -> Identity | None:
    try:
        return identify(request)
    except NotSignedIn:
        return None


def let_in(
    request: Request, access: Access, account: Account, onward: str, *, better_hash: str | None = None
) -> Response:
    """Open a session. A session this browser had before ends: nothing of it is carried over."""
    now = access.now()
    with writing(access.engine) as session:
        if earlier := accounts.session_of(session, request.cookies.get(access.cookie, ""), now=now):
            accounts.revoke_session(session, earlier.session.id, now=now)
        fresh = session.get_one(Account, account.id)
        if better_hash is not None:
            fresh.password_hash = better_hash
            session.add(fresh)
        token = accounts.open_session(
            session,
            fresh,
            now=now,
            lifetime=access.lifetime,
            address=request.client.host if request.client else None,
            browser=request.headers.get("user-agent"),
        )
    answer = see(request, onward)
    answer.set_cookie(
        access.cookie,
        token,
        max_age=int(access.lifetime.total_seconds()),
        path="/",
        secure=_is_secure(request, access),
        httponly=True,
        samesite="lax",
    )
    return answer


def _account_of(access: Access, person: Person, default: Role | None, now: dt.datetime) -> Account | None:
    """The account of who came from the provider, made or claimed on their first visit; None if they may not come in."""
    with writing(access.engine) as session:
        account = accounts.account_of_subject(session, person.issuer, person.subject)
        if account is None and person.email is not None:
            account = accounts.unclaimed_account(session, person.email)
            if account is not None:
                account.issuer, account.subject, account.updated_at = person.issuer, person.subject, now
                session.add(account)
        if account is None:
            role = person.role or default
            return _new_account(session, person, role, now) if role else None
        if not account.active:
            return None
        if person.role is not None and person.role is not account.role:
            try:
                accounts.set_role(session, account, person.role, now=now)
            except StoreError:
                log.warning("the only administrator keeps that role, whatever the provider says")
        return account


def _new_account(session: Any, person: Person, role: Role, now: dt.datetime) -> Account:
    wanted = person.email or f"sso-{accounts.hashed(person.issuer + ' ' + person.subject)[:12]}"
    try:
        name = accounts.sign_in_name(wanted)
    except StoreError:
        name = f"sso-{accounts.hashed(person.issuer + ' ' + person.subject)[:12]}"
    if accounts.find_account(session, name) is not None:
        name = f"sso-{accounts.hashed(person.issuer + ' ' + person.subject)[:12]}"
    return accounts.add_account(
        session,
        name,
        role,
        now=now,
        display_name=person.name,
        email=person.email,
        issuer=person.issuer,
        subject=person.subject,
    )


def _inside(path: str) -> str:
    """``path`` if it is one of this application, else its front page: nobody is led elsewhere by a link to sign-in."""
    odd = any(character < " " or character in "\\\x7f" for character in path)
    if odd or not path.startswith("/") or path.startswith("//"):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith(SIGN_IN) else path


def see(request: Request, path: str) -> Response:
    """Lead the browser to a page of this application."""
    return RedirectResponse(root_of(request) + path, HTTPStatus.SEE_OTHER)


def _is_secure(request: Request, access: Access) -> bool:
    return access.secure or request.url.scheme == "https"


def _way_back(request: Request, signing: SigningIn) -> str:
    base = signing.base_url or f"{request.url.scheme}://{request.headers['host']}{root_of(request)}"
    return base.rstrip("/") + SIGN_IN + "/sso/back"


def _notlet_in(request: Request, signing: SigningIn, error: ProviderError) -> Response:
    log.warning("sign-in at the provider failed: %s", error.cause)
    return _sign_in_form(request, signing, "/", error=str(error), status=HTTPStatus.BAD_GATEWAY)


def _sign_in_form(
    request: Request,
    signing: SigningIn,
    onward: str,
    *,
    name: str = "",
    error: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    provider = signing.service.provider.label if signing.service else None
    elsewhere = root_of(request) + SIGN_IN + "/sso" + (f"?{urlencode({'next': onward})}" if onward != "/" else "")
    made = page(
        root_of(request),
        "accounts/sign_in.html",
        onward=onward,
        name=name[:100],
        error=error,
        provider=provider,
        elsewhere=elsewhere,
    )
    return HTMLResponse(made, status, headers)
