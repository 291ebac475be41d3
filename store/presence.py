"""Who has which item open just now: a row for each reviewer that soon expires, so that no process need tell another.

It is a courtesy, not a lock: whoever decides first still decides (``review_item.version``).
"""

import datetime as dt

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from models.actor import Actor
from store.review_tables import OpenItem

LASTS = dt.timedelta(minutes=2)
"""How long after a browser was last heard of its item counts as open."""

RENEWED = dt.timedelta(seconds=45)
"""How often a browser says that it still has the item open."""


def has_open(session: Session, actor: Actor, item_id: str, now: dt.datetime) -> None:
    """Note that the actor has the item open, and no other."""
    values = {"item_id": item_id, "name": actor.name, "until": now + LASTS}
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = build(OpenItem).values(account_id=actor.id, **values)
    session.connection().execute(insert.on_conflict_do_update(index_elements=["account_id"], set_=values))


def closed(session: Session, actor: Actor) -> None:
    """Note that the actor has left the review."""
    session.connection().execute(delete(OpenItem).where(col(OpenItem.account_id) == actor.id))


def open_elsewhere(session: Session, actor: Actor, now: dt.datetime) -> dict[str, list[str]]:
    """The items that colleagues have open, each with their names."""
    found: dict[str, list[str]] = {}
    others = select(OpenItem).where(OpenItem.account_id != actor.id, OpenItem.until > now)
    for row in session.exec(others.order_by(col(OpenItem.name))):
        found.setdefault(row.item_id, []).append(row.name)
    return found
