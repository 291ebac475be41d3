"""The table of what can be searched. What finds words in it is the database's own: FTS5 on SQLite, GIN on PostgreSQL.

Of those parts ``Row.metadata`` knows nothing (``NOT_MODELLED``); migration 0004 makes them.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field

from store.columns import KeyText, SafeText, words
from store.tables import Row

NOT_MODELLED = frozenset({"vector", "ix_search_entry_vector"})
"""The column and the index of ``search_entry`` that PostgreSQL has and SQLite has not."""


class EntryKind(StrEnum):
    """What a searchable text is."""

    CONTRACT = "contract"
    """A contract: its title, file name, type and governing law."""
    PARTY = "party"
    """The name of a party, with what the contract calls it."""
    QUOTE = "quote"
    """A passage that says something: the quote of a milestone or term."""


class SearchEntry(Row, table=True):
    """A text that can be found. ``context`` is found too, but not by itself: the contract that a passage stands in.

    ``item_id`` is the review item that a passage belongs to, the first of several that quote the same.
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index(None, "contract_id", "id"),)

    id: int | None = Field(
        default=None,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
    )
    contract_id: str = Field(sa_type=KeyText, foreign_key="contract.id")
    kind: EntryKind = Field(sa_type=words(EntryKind))
    text: str = Field(sa_type=SafeText)
    context: str = Field(sa_type=SafeText)
    item_id: str | None = Field(default=None, sa_type=KeyText)
    page: int | None = None


SEARCH_TABLES: tuple[type[Row], ...] = (SearchEntry,)
