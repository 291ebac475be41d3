"""Search over all contracts: their titles, parties and passages.

    hits = search(session, 'nordwind "ninety days" renew', EntryKind.QUOTE)

Every word must be there, in the text found or in the contract it belongs to, and one of them at least in the text. A
word is found by how it begins ("renew" finds "renewal"); words in double quotes stand together as they are. Capitals
and accents do not count. Nothing that is typed is an error, or an operator.

SQLite and PostgreSQL find the same, in the same order: texts are cut into words and folded here, so neither database
has a say in what a word is.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, column, delete, func, insert, table, text
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.decision import ItemState
from store.columns import storable
from store.review_tables import ReviewItem
from store.search_tables import EntryKind, SearchEntry
from store.tables import Contract

__all__ = ["EntryKind", "Hit", "Snippet", "count", "index_contract", "index_missing", "search"]

MOST_COUNTED = 1000
"""``count`` says no more than one more than this."""

_MOST_WORDS = 12
_LONGEST_WORD = 64
_LONGEST_SNIPPET = 320
_LEAD = 80
_APART = 100
"""How far the words of the context stand from those of the text, so that no phrase goes over both."""

_LAST_POSITION = 16_383
"""PostgreSQL counts no further."""

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_PIECE = re.compile(r"[^\W_]+")
_PART = re.compile(r'"([^"]*)"|([^"\s]+)')


class Wanted(NamedTuple):
    """Words to find one after the other; ``exact`` unless the last may go on."""

    words: tuple[str, ...]
    exact: bool


class Snippet(NamedTuple):
    """A piece of a text. ``marks``: the characters found in it; ``before``, ``after``: whether text is left out."""

    text: str
    marks: tuple[tuple[int, int], ...]
    before: bool = False
    after: bool = False

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is marked."""
        at = 0
        for start, end in self.marks:
            if at < start:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


class Hit(NamedTuple):
    """A text that was found, and in which contract. ``id`` is where the next page goes on."""

    id: int
    contract: Contract
    kind: EntryKind
    snippet: Snippet
    item_id: str | None
    page: int | None


def search(session: Session, query: str, kind: EntryKind, *, limit: int = 20, after: int | None = None) -> list[Hit]:
    """A page of what ``query`` finds among the texts of a ``kind``, after the hit ``after``; nothing for no words."""
    wanted = wanted_of(query)
    if not wanted:
        return []
    found, number = _found(session, wanted, kind)
    statement = (
        found.add_columns(SearchEntry, Contract)
        .join(Contract, col(Contract.id) == col(SearchEntry.contract_id))
        .order_by(number)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(number > after)
    return [
        Hit(id_, contract, entry.kind, snippet(entry.text, wanted), entry.item_id, entry.page)
        for id_, entry, contract in session.execute(statement)
    ]


def count(session: Session, query: str, kind: EntryKind) -> int:
    """How many texts of a ``kind`` are found; more than ``MOST_COUNTED`` is said as one more than that."""
    wanted = wanted_of(query)
    if not wanted:
        return 0
    found, _ = _found(session, wanted, kind)
    return session.exec(select(func.count()).select_from(found.limit(MOST_COUNTED + 1).subquery())).one()


def index_contract(session: Session, contract: Contract) -> None:
    """Bring what can be found of a contract up to date with its parties and the items of its review."""
    entries = list(_entries(session, contract))
    stored = session.execute(
        columns(*(getattr(SearchEntry, name) for name in Entry._fields))
        .where(col(SearchEntry.contract_id) == contract.id)
        .order_by(col(SearchEntry.id))
    )
    if [tuple(row) for row in stored] == entries:
        return
    session.execute(
        delete(SearchEntry)
        .where(col(SearchEntry.contract_id) == contract.id)
        .execution_options(synchronize_session=False)
    )
    if session.get_bind().dialect.name == "postgresql":
        _insert_vectors(session, entries)
    else:
        _insert_indexed(session, entries)


def index_missing(session: Session, limit: int = 200) -> int:
    """Index up to ``limit`` contracts that cannot be found at all yet; how many there were."""
    indexed = columns(col(SearchEntry.contract_id)).where(col(SearchEntry.contract_id) == col(Contract.id))
    missing = session.exec(select(Contract).where(~indexed.exists()).order_by(col(Contract.id)).limit(limit)).all()
    for contract in missing:
        index_contract(session, contract)
    return len(missing)


def wanted_of(query: str) -> tuple[Wanted, ...]:
    """What a query asks for."""
    found: list[Wanted] = []
    room = _MOST_WORDS
    for phrase, word in _PART.findall(query[:2000]):
        parts = [piece for _, _, piece in _words(phrase or word)][:room]
        room -= len(parts)
        if parts:
            # One letter begins too many words to be of use.
            found.append(Wanted(tuple(parts), exact=bool(phrase) or (len(parts) == 1 and parts[0] in _LETTERS)))
    return tuple(dict.fromkeys(found))


def snippet(content: str, wanted: Sequence[Wanted]) -> Snippet:
    """The piece of ``content`` around the first words found in it, with all of them marked."""
    marks = _marks(content, wanted)
    start, end = 0, len(content)
    if len(content) > _LONGEST_SNIPPET:
        first = marks[0][0] if marks else 0
        start = content.rfind(" ", 0, first - _LEAD) + 1 if first > _LEAD else 0
        if start + _LONGEST_SNIPPET < len(content):
            end = content.rfind(" ", start + 1, start + _LONGEST_SNIPPET)
            end = end if end > start else start + _LONGEST_SNIPPET
    kept = tuple((max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start)
    return Snippet(content[start:end], kept, start > 0, end < len(content))


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Entry(NamedTuple):
    """A text to be found: the columns of ``SearchEntry``."""

    contract_id: str
    kind: EntryKind
    text: str
    context: str
    item_id: str | None = None
    page: int | None = None


def _entries(session: Session, contract: Contract) -> Iterator[Entry]:
    parties = dict.fromkeys(
        " ".join(filter(None, (party.get("name"), party.get("defined_as")))) for party in contract.parties
    )
    names = (contract.title, contract.name, contract.contract_type, contract.governing_law, *parties)
    about = storable("\n".join(name for name in names if name))
    yield Entry(contract.id, EntryKind.CONTRACT, about, "")
    for party in filter(None, parties):
        yield Entry(contract.id, EntryKind.PARTY, party, about)
    items = session.exec(
        select(ReviewItem)
        .where(ReviewItem.contract_id == contract.id, col(ReviewItem.state) != ItemState.SUPERSEDED)
        .order_by(col(ReviewItem.page).nulls_last(), col(ReviewItem.id))
    )
    quotes: set[str] = set()
    for item in items:
        if item.quote and item.quote not in quotes:
            quotes.add(item.quote)
            context = storable(f"{item.title}\n{about}")
            yield Entry(contract.id, EntryKind.QUOTE, storable(item.quote), context, item.id, item.page)


def _insert_indexed(session: Session, entries: Sequence[Entry]) -> None:
    statement = insert(SearchEntry).returning(col(SearchEntry.id), sort_by_parameter_order=True)
    ids = session.execute(statement, [entry._asdict() for entry in entries]).scalars().all()
    session.execute(
        text("INSERT INTO search_index (rowid, kind, own, context) VALUES (:id, :kind, :own, :context)"),
        [
            {"id": id_, "kind": entry.kind.value, "own": _folded(entry.text), "context": _folded(entry.context)}
            for id_, entry in zip(ids, entries, strict=True)
        ],
    )


def _insert_vectors(session: Session, entries: Sequence[Entry]) -> None:
    names = Entry._fields
    statement = text(
        f"INSERT INTO search_entry ({', '.join(names)}, vector) "
        f"VALUES ({', '.join(':' + name for name in names)}, CAST(:vector AS tsvector))"
    )
    session.execute(statement, [{**entry._asdict(), "vector": _vector(entry)} for entry in entries])


def _vector(entry: Entry) -> str:
    """A tsvector as PostgreSQL writes one: each word with where it stands, A in the text, B in its context.

    The kind is a word as well, which no text has: the index then tells what a condition would have to look up.
    """
    own, context = _folded(entry.text).split(), _folded(entry.context).split()
    places = [(word, min(n, _LAST_POSITION), "A") for n, word in enumerate(own, 1)]
    places += [(word, min(n, _LAST_POSITION), "B") for n, word in enumerate(context, len(own) + _APART)]
    return " ".join([f"'kind:{entry.kind.value}'", *(f"'{word}':{at}{weight}" for word, at, weight in places)])


def _folded(content: str) -> str:
    return " ".join(word for _, _, word in _words(content))


def _words(content: str) -> Iterator[tuple[int, int, str]]:
    """Each word: where it stands, and itself folded: without capitals and accents. "½" is two words at one place."""
    for match in _WORD.finditer(content):
        whole = match.group()
        if whole.isascii():
            yield match.start(), match.end(), whole.lower()[:_LONGEST_WORD]
            continue
        apart = unicodedata.normalize("NFKD", whole.casefold())
        plain = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
        for piece in _PIECE.findall(plain):
            yield match.start(), match.end(), piece[:_LONGEST_WORD]


_INDEX = table("search_index", column("rowid"))


def _found(
    session: Session, wanted: Sequence[Wanted], kind: EntryKind
) -> tuple[Select[tuple[int]], ColumnElement[int]]:
    """A query for the ids of what is found, and the column they are in.

    On SQLite that is the index' own: it gives them in order, and no more of them than are asked for.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Which way is quick depends on the words: one plan for all of them would read the whole table for some.
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        number = cast(ColumnElement[int], col(SearchEntry.id))
        matches = text("search_entry.vector @@ CAST(:words AS tsquery)").bindparams(words=_tsquery(wanted, kind))
        return columns(number).where(matches), number
    number = _INDEX.c.rowid
    matches = text("search_index MATCH :words").bindparams(words=_fts5(wanted, kind))
    return columns(number).join(SearchEntry, col(SearchEntry.id) == number).where(matches), number


def _fts5(wanted: Sequence[Wanted], kind: EntryKind) -> str:
    terms = [" + ".join(f'"{word}"' for word in want.words) + ("" if want.exact else " *") for want in wanted]
    everywhere = " AND ".join(f"({term})" for term in terms)
    in_the_text = " OR ".join(f"({term})" for term in terms)
    return f'(kind : "{kind.value}") AND ({{own}} : ({in_the_text})) AND ({{own context}} : ({everywhere}))'


def _tsquery(wanted: Sequence[Wanted], kind: EntryKind) -> str:
    def term(want: Wanted, weight: str = "") -> str:
        labels = [weight] * (len(want.words) - 1) + [weight if want.exact else f"*{weight}"]
        return " <-> ".join(
            f"'{word}'{':' if label else ''}{label}" for word, label in zip(want.words, labels, strict=True)
        )

    everywhere = " & ".join(f"({term(want)})" for want in wanted)
    in_the_text = " | ".join(f"({term(want, 'A')})" for want in wanted)
    return f"'kind:{kind.value}' & ({in_the_text}) & {everywhere}"


def _marks(content: str, wanted: Sequence[Wanted]) -> list[tuple[int, int]]:
    words = list(_words(content))
    found: set[tuple[int, int]] = set()
    for want in wanted:
        for n in range(len(words) - len(want.words) + 1):
            stretch = words[n : n + len(want.words)]
            *others, (_, _, last) = stretch
            same = all(word == asked for (_, _, word), asked in zip(others, want.words, strict=False))
            if same and (last == want.words[-1] if want.exact else last.startswith(want.words[-1])):
                found.add((stretch[0][0], stretch[-1][1]))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
