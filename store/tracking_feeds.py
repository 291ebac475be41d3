"""Calendar feeds: secret, revocable addresses. Whoever reads the database cannot read a feed with what is kept."""

import datetime as dt
import secrets

from sqlmodel import Session, col, select

from store.accounts import hashed
from store.tracking_tables import CalendarFeed, Owner


def open_feed(session: Session, owner: Owner, *, by: str, now: dt.datetime) -> str:
    """A new secret for an owner's feed; shown once. Those given out before stay valid until they are revoked."""
    token = secrets.token_urlsafe(32)
    session.add(
        CalendarFeed(
            id=secrets.token_hex(16), token_hash=hashed(token), owner_id=owner.id, created_at=now, created_by=by
        )
    )
    session.flush()
    return token


def revoke_feeds(session: Session, owner: Owner, *, now: dt.datetime) -> int:
    """End all feeds of an owner: their addresses give nothing any more. How many there were."""
    rows = session.exec(
        select(CalendarFeed).where(CalendarFeed.owner_id == owner.id, col(CalendarFeed.revoked_at).is_(None))
    ).all()
    for row in rows:
        row.revoked_at = now
        session.add(row)
    session.flush()
    return len(rows)


def feed_owner(session: Session, token: str) -> Owner | None:
    """Whose feed a secret opens; None for one that is unknown or revoked, or whose owner is no longer active."""
    return session.exec(
        select(Owner)
        .join(CalendarFeed, col(CalendarFeed.owner_id) == col(Owner.id))
        .where(
            CalendarFeed.token_hash == hashed(token),
            col(CalendarFeed.revoked_at).is_(None),
            col(Owner.active).is_(True),
        )
    ).first()
