"""One's own account: the browsers that are signed in, tokens for programs, the password."""

import datetime as dt
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from models.actor import Actor, Role, Scope
from review.passwords import WeakPasswordError, check_password, hash_password
from review.permissions import Access, Identity, InPerson
from review.rendering import page, root_of
from review.signing_in import Entry, Field, Signing, let_in, see
from review.throttle import TooManyAttempts
from store import accounts
from store.account_tables import Account
from store.engine import reading, writing

_LONGEST_LIFE = 365

router = APIRouter(include_in_schema=False)


@router.get("/account")
def account_page(request: Request, access: Entry, identity: InPerson) -> Response:
    """What one is signed in with: browsers, and tokens for programs."""
    return _account_page(request, access, identity)


@router.post("/account/sessions/{session_id}/revoke")
def revoke_session(request: Request, access: Entry, identity: InPerson, session_id: str) -> Response:
    """End one of one's own sessions; an administrator ends anyone's."""
    with writing(access.engine) as session:
        accounts.revoke_session(session, session_id, now=access.now(), account_id=_own(identity.actor))
    return see(request, "/account")


@router.post("/account/tokens")
def issue_token(
    request: Request,
    access: Entry,
    identity: InPerson,
    name: Field = "",
    scope: Field = Scope.READ.value,
    days: Field = "90",
) -> Response:
    """Make an API token; it is shown once."""
    account = identity.account
    if account is None:
        return _account_page(
            request, access, identity, error="Without accounts there are no tokens, and none is needed."
        )
    if scope not in {known.value for known in Scope} or not identity.actor.may(Scope(scope).role):
        return _account_page(request, access, identity, error="You cannot give a token rights that you do not have.")
    if not days.isdecimal() or not 1 <= int(days[:9]) <= _LONGEST_LIFE:
        return _account_page(request, access, identity, error=f"A token lives 1 to {_LONGEST_LIFE} days.")
    if not name.strip():
        return _account_page(request, access, identity, error="Give the token a name, that you know it again.")
    now = access.now()
    with writing(access.engine) as session:
        token = accounts.issue_token(
            session, account, name.strip(), [Scope(scope)], now=now, expires_at=now + dt.timedelta(days=int(days))
        )
    return _account_page(request, access, identity, token=token)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(request: Request, access: Entry, identity: InPerson, token_id: str) -> Response:
    """End one of one's own API tokens; an administrator ends anyone's."""
    with writing(access.engine) as session:
        accounts.revoke_token(session, token_id, now=access.now(), account_id=_own(identity.actor))
    return see(request, "/account")


@router.post("/account/password")
def change_password(
    request: Request, access: Entry, signing: Signing, identity: InPerson, current: Field = "", new: Field = ""
) -> Response:
    """Change one's own password. Every other browser is signed out."""
    account = identity.account
    if account is None or account.password_hash is None:
        return _account_page(request, access, identity, error="You sign in without a password.")
    address = request.client.host if request.client else ""
    try:
        signing.throttle.attempt(address, account.name)
        if not check_password(current, account.password_hash)[0]:
            return _account_page(request, access, identity, error="The current password is not right.")
        made = hash_password(new, name=account.name)
    except (WeakPasswordError, TooManyAttempts) as refused:
        return _account_page(request, access, identity, error=str(refused))
    signing.throttle.succeeded(address, account.name)
    with writing(access.engine) as session:
        fresh = session.get_one(Account, account.id)
        accounts.set_password(session, fresh, made, now=access.now())
    return let_in(request, access, account, "/account")


def _own(actor: Actor) -> str | None:
    """Whose sessions and tokens ``actor`` may end: their own, or as an administrator anyone's."""
    return None if actor.may(Role.ADMIN) else actor.id


def _account_page(
    request: Request,
    access: Access,
    identity: Identity,
    *,
    error: str | None = None,
    token: str | None = None,
) -> Response:
    now = access.now()
    whose = _own(identity.actor)
    with reading(access.engine) as session:
        sessions = accounts.list_sessions(session, now=now, account_id=whose)
        tokens = accounts.list_tokens(session, now=now, account_id=whose)
    made = page(
        root_of(request),
        "accounts/account.html",
        section="account",
        actor=identity.actor,
        account=identity.account,
        this=identity.session.id if identity.session else None,
        sessions=sessions,
        tokens=tokens,
        scopes=[scope for scope in Scope if identity.actor.may(scope.role)],
        error=error,
        token=token,
    )
    return HTMLResponse(made, HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK)
