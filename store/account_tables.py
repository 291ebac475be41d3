"""The tables of accounts: who may sign in, who is signed in, and with which tokens programs come.

Of a password, a session or a token only a hash is kept: whoever reads the database cannot come in with what is there.
"""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.actor import Role
from store.columns import Json, KeyText, SafeText, UtcDateTime, words
from store.tables import Row


class Account(Row, table=True):
    """A person who may sign in. ``name`` is what they type, in lower case.

    ``password_hash`` is absent for those who come by single sign-on alone; ``issuer`` and ``subject`` are who they are
    to their OpenID provider. An account is never deleted, for the audit trail names it: it is switched off.
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    name: str = Field(sa_type=KeyText, unique=True)
    display_name: str = Field(sa_type=SafeText)
    email: str | None = Field(default=None, sa_type=SafeText)
    password_hash: str | None = Field(default=None, sa_type=KeyText)
    issuer: str | None = Field(default=None, sa_type=KeyText)
    subject: str | None = Field(default=None, sa_type=KeyText)
    role: Role = Field(sa_type=words(Role))
    department: str | None = Field(default=None, sa_type=SafeText)
    active: bool = True
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class LoginSession(Row, table=True):
    """A browser that is signed in, until ``expires_at`` or ``revoked_at``."""

    __tablename__ = "login_session"
    __table_args__ = (Index(None, "account_id", "created_at"), Index(None, "expires_at"))

    id: str = Field(sa_type=KeyText, primary_key=True)
    token_hash: str = Field(sa_type=KeyText, unique=True)
    account_id: str = Field(sa_type=KeyText, foreign_key="account.id")
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    seen_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    address: str | None = Field(default=None, sa_type=SafeText)
    browser: str | None = Field(default=None, sa_type=SafeText)


class ApiToken(Row, table=True):
    """A token with which a program comes in its owner's name; ``scopes`` bound what it may do."""

    __tablename__ = "api_token"
    __table_args__ = (Index(None, "account_id", "created_at"),)

    id: str = Field(sa_type=KeyText, primary_key=True)
    token_hash: str = Field(sa_type=KeyText, unique=True)
    account_id: str = Field(sa_type=KeyText, foreign_key="account.id")
    name: str = Field(sa_type=SafeText)
    scopes: list[str] = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    seen_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInAttempt(Row, table=True):
    """A sign-in at an OpenID provider that has begun: what must come back, and with what it is answered.

    Known by the hash of ``state``; used once. ``browser_hash`` ties it to the browser it began in.
    """

    __tablename__ = "sign_in_attempt"

    state_hash: str = Field(sa_type=KeyText, primary_key=True)
    browser_hash: str = Field(sa_type=KeyText)
    nonce: str = Field(sa_type=KeyText)
    code_verifier: str = Field(sa_type=KeyText)
    next_path: str = Field(sa_type=SafeText)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)


ACCOUNT_TABLES: tuple[type[Row], ...] = (Account, LoginSession, ApiToken, SignInAttempt)
"""Parents before children."""
