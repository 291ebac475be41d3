"""Accounts, their browser sessions and API tokens, kept so that whoever reads the database cannot come in with it.

Tokens are 256 random bits; the database holds their SHA-256 alone (a slow hash is for what people make up).
Passwords come here hashed (``review.passwords``). Nothing reads the clock: ``now`` is given.
"""

import datetime as dt
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, func, or_, update
from sqlmodel import Session, col, select

from models.actor import Role, Scope
from store.account_tables import Account, ApiToken, LoginSession, SignInAttempt
from store.errors import StoreError

SEEN_EVERY = dt.timedelta(minutes=5)
"""How exactly it is kept when a session or token was last used: not every request is worth a write."""

ATTEMPT_LIFETIME = dt.timedelta(minutes=10)
"""How long a person may take to sign in at their OpenID provider."""

_KEEP_ENDED = dt.timedelta(days=90)
_NAME = re.compile(r"[^\W_](?:[\w.@+-]{0,62}[^\W_])?")
_LONGEST = 300

TOKEN_PREFIX = "milepost_"
"""API tokens begin so, that scanners of leaked secrets can tell what they are."""


class SignedIn(NamedTuple):
    """A live session and whose it is."""

    session: LoginSession
    account: Account


class Token(NamedTuple):
    """A live API token and whose it is."""

    token: ApiToken
    account: Account


def hashed(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def sign_in_name(name: str) -> str:
    """``name`` as accounts are known by it: normalised, lower case. Raises StoreError if it cannot be one."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    if not _NAME.fullmatch(folded):
        raise StoreError(
            f"{name[:80]!r} cannot be a user name.",
            "Take 1 to 64 letters and digits, with . _ + @ or - between them.",
        )
    return folded


def any_accounts(session: Session) -> bool:
    """Whether there is any account, active or not: if so, nobody comes in without signing in."""
    return session.exec(select(Account.id).limit(1)).first() is not None


def list_accounts(session: Session) -> list[Account]:
    """All accounts, by name."""
    return list(session.exec(select(Account).order_by(col(Account.name))))


def find_account(session: Session, name: str) -> Account | None:
    """The account a person means by ``name``; None also for what cannot be a name."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    return session.exec(select(Account).where(Account.name == folded)).first()


def account(session: Session, name: str) -> Account:
    """The account called ``name``. Raises StoreError if there is none."""
    found = find_account(session, name)
    if found is None:
        raise StoreError(f"There is no user {name[:80]!r}.", "See: milepost users list.")
    return found


def account_of_subject(session: Session, issuer: str, subject: str) -> Account | None:
    """The account of a person as their OpenID provider knows them."""
    return session.exec(select(Account).where(Account.issuer == issuer, Account.subject == subject)).first()


def unclaimed_account(session: Session, email: str) -> Account | None:
    """The account made for a person who has yet to come by single sign-on: no password, no subject, this address.

    None where several are: then nobody can say whose it is.
    """
    found = session.exec(
        select(Account).where(
            func.lower(col(Account.email)) == email.lower(),
            col(Account.password_hash).is_(None),
            col(Account.subject).is_(None),
            col(Account.active).is_(True),
        )
    ).all()
    return found[0] if len(found) == 1 else None


def add_account(
    session: Session,
    name: str,
    role: Role,
    *,
    now: dt.datetime,
    display_name: str | None = None,
    email: str | None = None,
    department: str | None = None,
    password_hash: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> Account:
    """A new account. Raises StoreError if the name is taken or cannot be one."""
    folded = sign_in_name(name)
    if find_account(session, folded) is not None:
        raise StoreError(f"There is a user {folded!r} already.", "Choose another name.")
    made = Account(
        id=secrets.token_hex(16),
        name=folded,
        display_name=(display_name or name).strip()[:_LONGEST],
        email=email,
        department=department,
        password_hash=password_hash,
        issuer=issuer,
        subject=subject,
        role=role,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    return made


def set_role(session: Session, account: Account, role: Role, *, now: dt.datetime) -> None:
    """Give an account another role. Raises StoreError rather than leave an installation without an admin."""
    if role is not Role.ADMIN:
        _refuse_without_admin(session, account)
    account.role, account.updated_at = role, now
    session.add(account)


def disable(session: Session, account: Account, *, now: dt.datetime) -> None:
    """Switch an account off: nobody signs in with it, its sessions and tokens end.

    Raises StoreError rather than leave an installation without an admin.
    """
    _refuse_without_admin(session, account)
    account.active, account.updated_at = False, now
    session.add(account)
    revoke_sessions(session, account.id, now=now)
    _revoke(session, ApiToken, col(ApiToken.account_id) == account.id, now)


def enable(session: Session, account: Account, *, now: dt.datetime) -> None:
    """Switch an account on again. Its former sessions and tokens stay ended."""
    account.active, account.updated_at = True, now
    session.add(account)


def set_password(session: Session, account: Account, password_hash: str, *, now: dt.datetime) -> None:
    """Change a password. All sessions end: whoever knew the old one is out."""
    account.password_hash, account.updated_at = password_hash, now
    session.add(account)
    revoke_sessions(session, account.id, now=now)


def _refuse_without_admin(session: Session, account: Account) -> None:
    if account.role is not Role.ADMIN or not account.active:
        return
    # Both of two admins who switch each other off at the same time must not succeed.
    admins = session.exec(
        select(Account).where(Account.role == Role.ADMIN, col(Account.active).is_(True)).with_for_update()
    ).all()
    if len(admins) <= 1:
        raise StoreError(f"{account.name!r} is the only administrator.", "Make another one first.")


def open_session(
    session: Session,
    account: Account,
    *,
    now: dt.datetime,
    lifetime: dt.timedelta,
    address: str | None = None,
    browser: str | None = None,
) -> str:
    """Sign a browser in: the token to give to it. What expired long ago is cleared away on the way."""
    session.execute(delete(LoginSession).where(col(LoginSession.expires_at) < now - _KEEP_ENDED))
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            id=secrets.token_hex(16),
            token_hash=hashed(token),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
            address=address,
            browser=browser[:_LONGEST] if browser else None,
        )
    )
    session.flush()
    return token


def session_of(session: Session, token: str, *, now: dt.datetime) -> SignedIn | None:
    """The live session of ``token``, of an active account; None for every other token."""
    found = session.exec(
        select(LoginSession, Account)
        .join(Account, col(Account.id) == col(LoginSession.account_id))
        .where(LoginSession.token_hash == hashed(token), col(Account.active).is_(True), *_live(LoginSession, now))
    ).first()
    return SignedIn(*found) if found else None


def list_sessions(session: Session, *, now: dt.datetime, account_id: str | None = None) -> list[SignedIn]:
    """Live sessions, the newest first; of one account, or of all."""
    statement = (
        select(LoginSession, Account)
        .join(Account, col(Account.id) == col(LoginSession.account_id))
        .where(*_live(LoginSession, now))
        .order_by(col(LoginSession.created_at).desc(), col(LoginSession.id))
    )
    if account_id is not None:
        statement = statement.where(LoginSession.account_id == account_id)
    return [SignedIn(*found) for found in session.exec(statement)]


def revoke_session(session: Session, id_: str, *, now: dt.datetime, account_id: str | None = None) -> bool:
    """End a session, of ``account_id`` alone if given; whether there was such a one to end."""
    condition = col(LoginSession.id) == id_
    if account_id is not None:
        condition &= col(LoginSession.account_id) == account_id
    return _revoke(session, LoginSession, condition, now)


def revoke_sessions(session: Session, account_id: str, *, now: dt.datetime) -> None:
    """End all sessions of an account."""
    _revoke(session, LoginSession, col(LoginSession.account_id) == account_id, now)


def issue_token(
    session: Session,
    account: Account,
    name: str,
    scopes: Collection[Scope],
    *,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
) -> str:
    """A new API token; shown once, for only its hash is kept. Raises ValueError without a scope."""
    if not scopes:
        raise ValueError("a token needs a scope")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            id=secrets.token_hex(16),
            token_hash=hashed(token),
            account_id=account.id,
            name=name[:_LONGEST],
            scopes=[scope.value for scope in Scope if scope in scopes],
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token


def token_of(session: Session, token: str, *, now: dt.datetime) -> Token | None:
    """The live API token, of an active account; None for every other."""
    found = session.exec(
        select(ApiToken, Account)
        .join(Account, col(Account.id) == col(ApiToken.account_id))
        .where(ApiToken.token_hash == hashed(token), col(Account.active).is_(True), *_live(ApiToken, now))
    ).first()
    return Token(*found) if found else None


def list_tokens(session: Session, *, now: dt.datetime, account_id: str | None = None) -> list[Token]:
    """Live API tokens, the newest first; of one account, or of all."""
    statement = (
        select(ApiToken, Account)
        .join(Account, col(Account.id) == col(ApiToken.account_id))
        .where(*_live(ApiToken, now))
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))
    )
    if account_id is not None:
        statement = statement.where(ApiToken.account_id == account_id)
    return [Token(*found) for found in session.exec(statement)]


def revoke_token(session: Session, id_: str, *, now: dt.datetime, account_id: str | None = None) -> bool:
    """End an API token, of ``account_id`` alone if given; whether there was such a one to end."""
    condition = col(ApiToken.id) == id_
    if account_id is not None:
        condition &= col(ApiToken.account_id) == account_id
    return _revoke(session, ApiToken, condition, now)


def seen(session: Session, row: LoginSession | ApiToken, *, now: dt.datetime) -> None:
    """Note that a session or token was used just now."""
    table = type(row)
    session.execute(
        update(table).where(col(table.id) == row.id).values(seen_at=now).execution_options(synchronize_session=False)
    )


def seen_lately(row: LoginSession | ApiToken, *, now: dt.datetime) -> bool:
    """Whether what is noted of its last use is still exact enough."""
    return row.seen_at is not None and now - row.seen_at < SEEN_EVERY


def begin_attempt(
    session: Session, *, state: str, browser: str, nonce: str, code_verifier: str, next_path: str, now: dt.datetime
) -> None:
    """Note that a sign-in at an OpenID provider began, and clear away those that came to nothing."""
    session.execute(delete(SignInAttempt).where(col(SignInAttempt.expires_at) < now))
    session.add(
        SignInAttempt(
            state_hash=hashed(state),
            browser_hash=hashed(browser),
            nonce=nonce,
            code_verifier=code_verifier,
            next_path=next_path,
            created_at=now,
            expires_at=now + ATTEMPT_LIFETIME,
        )
    )
    session.flush()


def take_attempt(session: Session, *, state: str, browser: str, now: dt.datetime) -> SignInAttempt | None:
    """The sign-in that ``state`` belongs to, if it began in this browser; it cannot be taken twice."""
    found = session.get(SignInAttempt, hashed(state))
    if found is None or found.browser_hash != hashed(browser):
        return None
    taken = _count(session, delete(SignInAttempt).where(col(SignInAttempt.state_hash) == found.state_hash))
    return found if taken == 1 and found.expires_at > now else None


def _live(table: type[LoginSession] | type[ApiToken], now: dt.datetime) -> list[ColumnElement[bool]]:
    unexpired = or_(col(table.expires_at).is_(None), col(table.expires_at) > now)
    return [col(table.revoked_at).is_(None), unexpired]


def _revoke(
    session: Session, table: type[LoginSession] | type[ApiToken], which: ColumnElement[bool], now: dt.datetime
) -> bool:
    still = update(table).where(which, col(table.revoked_at).is_(None)).values(revoked_at=now)
    return _count(session, still) > 0


def _count(session: Session, statement: Update | Delete) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
