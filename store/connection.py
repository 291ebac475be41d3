"""From a database URL to an engine: drivers, SQLite's settings, and clear words when nothing answers."""

from pathlib import Path

from sqlalchemy import Engine


def default_url(data_dir: Path) -> str:
    """URL of the embedded database in the data folder."""
    return f"sqlite:///{data_dir / 'milepost.db'}"


def connect(url: str, *, foreign_keys: bool = True, missing_ok: bool = False) -> Engine:
    """An engine for ``url``, proven to answer. Says nothing about the tables in it (``store.engine`` does).

    ``missing_ok`` creates an absent SQLite file; ``foreign_keys`` is off for migrations alone.
    Raises StoreError for an unusable URL, a missing driver, or a database that does not answer.
    """
    raise NotImplementedError
