"""Versions of the tables: where a database stands, and how it is brought up to date (Alembic)."""

from pathlib import Path
from typing import NamedTuple


class Upgrade(NamedTuple):
    """What ``upgrade`` did: revision before (None: there was nothing) and after, and the copy it made first, if any."""

    before: str | None
    after: str
    copy: Path | None


def head() -> str:
    """The revision this program works with."""
    raise NotImplementedError


def current(url: str) -> str | None:
    """The revision a database is at; None if it has never been migrated. Raises StoreError if it does not answer."""
    raise NotImplementedError


def upgrade(url: str) -> Upgrade:
    """Bring a database to ``head()``, creating it if need be. A SQLite file that holds data is copied first.

    All in one transaction: a failing migration leaves the database as it was. Safe to run twice, and at the same time.
    """
    raise NotImplementedError


def check(url: str) -> tuple[str, ...]:
    """How the tables of a database differ from ``store.tables``, a sentence each; empty when they agree."""
    raise NotImplementedError
