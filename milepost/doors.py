"""From settings to the doors of the web application: which address it may listen on, and who comes in how."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Engine

from milepost.settings import Settings, SettingsError
from review.addresses import LOOPBACK_NAMES, host_of, is_loopback, origins_of
from review.oidc import SignInService
from review.permissions import Access
from review.security import Perimeter
from store.accounts import any_accounts
from store.engine import reading


class OpenDoorError(Exception):
    """The address is one that others reach, and nobody would have to sign in; the message says what to do."""


class Doors(NamedTuple):
    """What ``review.app.create_app`` needs to know of who comes in."""

    access: Access
    perimeter: Perimeter
    service: SignInService | None
    base_url: str | None


def refuse_open_doors(engine: Engine, address: str) -> None:
    """Raise OpenDoorError if ``address`` can be reached from other machines and there are no accounts."""
    if is_loopback(address):
        return
    with reading(engine) as session:
        if any_accounts(session):
            return
    raise OpenDoorError(
        f"{address} can be reached from other machines, and there are no accounts: anybody could decide. "
        "Make one first (milepost users add NAME --role admin), or leave --host out."
    )


def doors(settings: Settings, engine: Engine, address: str, *, now: Callable[[], dt.datetime], user: str) -> Doors:
    """Who comes in, and how. ``user`` is whom an embedded database without accounts belongs to.

    Raises:
        OpenDoorError: ``address`` can be reached from other machines, and there are no accounts.
        SettingsError: ``public_url`` is no address.
    """
    refuse_open_doors(engine, address)
    alone = engine.dialect.name == "sqlite" and is_loopback(address)
    try:
        origins = origins_of([settings.public_url]) if settings.public_url else frozenset[str]()
    except ValueError as error:
        raise SettingsError(f"public_url: {error}") from error
    # Where nobody need sign in, a page of others could give its own name this address.
    named = {host_of(origin) for origin in origins} | {name.lower() for name in settings.hosts}
    hosts = LOOPBACK_NAMES | named if named or is_loopback(address) else None
    return Doors(
        Access(
            engine,
            now,
            local_name=user if alone else None,
            lifetime=dt.timedelta(hours=settings.session_hours),
            secure=bool(settings.public_url and settings.public_url.startswith("https://")),
        ),
        Perimeter(hosts=hosts, origins=origins),
        SignInService(settings.oidc) if settings.oidc else None,
        settings.public_url,
    )
