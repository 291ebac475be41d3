"""``milepost users``: accounts of the web application, from the command line."""

import datetime as dt
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.table import Table
from sqlmodel import Session

from milepost.console import stdout, tell
from milepost.opening import moment, session_of
from models.actor import Role, Scope
from review.passwords import WeakPasswordError, hash_password
from store import accounts
from store.account_tables import Account


class UsersError(Exception):
    """What was asked for cannot be done; the message says why."""


def add(
    name: str,
    role: Role,
    data: Path | None,
    config: Path | None,
    *,
    display_name: str | None,
    email: str | None,
    department: str | None,
    sso: bool,
    from_stdin: bool,
) -> None:
    """Make an account."""
    if sso and not email:
        raise UsersError("An account for single sign-on is known by its e-mail address: give --email.")
    with session_of(data, config, create=True) as session:
        first = not accounts.any_accounts(session)
    if first and role is not Role.ADMIN:
        raise UsersError("The first account must be able to administer the others: give --role admin.")
    # Asked for outside of a transaction: people take their time.
    known_as = accounts.sign_in_name(name)
    password_hash = None if sso else _new_password(known_as, from_stdin=from_stdin)
    with session_of(data, config, write=True) as session:
        made = accounts.add_account(
            session,
            name,
            role,
            now=moment(),
            display_name=display_name,
            email=email,
            department=department,
            password_hash=password_hash,
        )
    print(f"{made.name} may sign in now, as {role.value}." if not sso else f"{made.name} may come by single sign-on.")


def show(data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Print all accounts."""
    now = moment()
    with session_of(data, config) as session:
        found = accounts.list_accounts(session)
        signed_in = [live.account.id for live in accounts.list_sessions(session, now=now)]
        tokens = [held.account.id for held in accounts.list_tokens(session, now=now)]
    rows = [
        {
            "name": account.name,
            "display_name": account.display_name,
            "role": account.role.value,
            "active": account.active,
            "email": account.email,
            "department": account.department,
            "password": account.password_hash is not None,
            "sso": account.subject is not None,
            "sessions": signed_in.count(account.id),
            "tokens": tokens.count(account.id),
        }
        for account in found
    ]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        tell("There are no accounts: on this machine alone, whoever sits at it may do everything.")
        return
    table = Table(box=None)
    for column in ("name", "called", "role", "signs in by", "e-mail", "department", "browsers", "tokens"):
        table.add_column(column)
    for row in rows:
        ways = " or ".join(way for way, has in (("password", row["password"]), ("single sign-on", row["sso"])) if has)
        table.add_row(
            str(row["name"]),
            str(row["display_name"]),
            str(row["role"]),
            (ways or "single sign-on, not yet") if row["active"] else "disabled",
            str(row["email"] or ""),
            str(row["department"] or ""),
            str(row["sessions"]),
            str(row["tokens"]),
        )
    stdout().print(table)


def disable(name: str, data: Path | None, config: Path | None) -> None:
    """Switch an account off, with its sessions and tokens."""
    with _changing(name, data, config) as (session, account):
        accounts.disable(session, account, now=moment())
    print(f"{account.name} can no longer sign in, and is signed out everywhere.")


def enable(name: str, data: Path | None, config: Path | None) -> None:
    """Switch an account on again."""
    with _changing(name, data, config) as (session, account):
        accounts.enable(session, account, now=moment())
    print(f"{account.name} may sign in again.")


def set_role(name: str, role: Role, data: Path | None, config: Path | None) -> None:
    """Give an account another role."""
    with _changing(name, data, config) as (session, account):
        accounts.set_role(session, account, role, now=moment())
    print(f"{account.name} has the role of {role.value} now.")


def set_password(name: str, data: Path | None, config: Path | None, *, from_stdin: bool) -> None:
    """Change an account's password."""
    with session_of(data, config) as session:
        known_as = accounts.account(session, name).name
    password_hash = _new_password(known_as, from_stdin=from_stdin)
    with _changing(name, data, config) as (session, account):
        accounts.set_password(session, account, password_hash, now=moment())
    print(f"{account.name} has a new password, and is signed out everywhere.")


def issue_token(name: str, label: str, scope: Scope, days: int | None, data: Path | None, config: Path | None) -> None:
    """Print a new API token: the only time it can be seen."""
    now = moment()
    with _changing(name, data, config) as (session, account):
        if not account.active:
            raise UsersError(f"{account.name} is disabled.")
        if not account.role.allows(scope.role):
            raise UsersError(f"{account.name} has the role of {account.role.value}: too little for {scope.value!r}.")
        expires_at = now + dt.timedelta(days=days) if days is not None else None
        token = accounts.issue_token(session, account, label, [scope], now=now, expires_at=expires_at)
    print(token)
    tell("Keep it: it is not shown again. Programs send it as: Authorization: Bearer TOKEN.")


def _new_password(name: str, *, from_stdin: bool) -> str:
    """Ask for a password, or take it from a line of stdin; never from the command line, where others can see it."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif _at_a_terminal():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != password:
            raise UsersError("The two were not the same. Nothing was changed.")
    else:
        raise UsersError("There is nobody to ask for a password: give --password-stdin, and the password on stdin.")
    try:
        return hash_password(password, name=name)
    except WeakPasswordError as error:
        raise UsersError(str(error)) from error


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _changing(name: str, data: Path | None, config: Path | None) -> Iterator[tuple[Session, Account]]:
    with session_of(data, config, write=True) as session:
        yield session, accounts.account(session, name)
