"""What an edit would give, before anybody decides: the value with its dates, and everything that would move."""

from typing import NamedTuple

from sqlmodel import Session

from models.contract import Milestone, Term, TermState
from models.decision import Change, ItemState
from models.derivation import date_words, window_words
from review.deciding import corrected_value
from review.errors import Invalid, NotFound
from review.redating import Move, moves
from review.resolving import PLAIN, Reckoning, Standing, load_contract, load_standing
from store.review_tables import ReviewItem
from store.reviewing import find_item


class Preview(NamedTuple):
    """What an edit would give: the value, or the problem with it (and the part of the edit at fault); what moves."""

    value: Term | Milestone | None
    moves: list[Move]
    problem: str | None = None
    field: str | None = None


def standing_of(session: Session, item_id: str, *, whole: bool = True) -> tuple[ReviewItem, Standing]:
    """An item and its contract as it stands, to look at; not ``whole``: what its dates hang on. Raises ``NotFound``."""
    item = find_item(session, item_id)
    if item is None:
        raise NotFound("There is no such item.")
    standing = load_standing(session, load_contract(session, item.contract_id), None if whole else item)
    return standing.items[item_id], standing


def preview(session: Session, item_id: str, change: Change, *, using: Reckoning = PLAIN) -> Preview:
    """What correcting an item with ``change`` would give. Changes nothing."""
    item, standing = standing_of(session, item_id, whole=False)
    try:
        value = corrected_value(standing, item, change, using)
    except Invalid as error:
        return Preview(None, [], error.message, error.field)
    return Preview(value, moves(standing, standing.with_value(item.id, value), using, item.id))


def dependants(standing: Standing, item: ReviewItem, using: Reckoning) -> list[Move]:
    """What would move or wait if this changed: all that hangs on it now."""
    value = standing.values.get(item.id)
    if not isinstance(value, Term) or item.state is ItemState.REJECTED or value.expr is None:
        return []
    without = Term(field=value.field, state=TermState.PARTIAL, confidence=value.confidence)
    return moves(standing, standing.with_value(item.id, without), using, item.id)


def value_words(value: Term | Milestone | None) -> str:
    """A value in a few words: ``3 Jul 2027``, ``waits for delivery``, ``60 days``, ``not stated``."""
    if value is None:
        return "none"
    if isinstance(value, Milestone):
        if value.date or value.earliest or value.latest:
            return date_words(value.date) if value.date else window_words(value.earliest, value.latest)
        if value.blocked_on:
            return f"waits for {value.blocked_on}"
        if value.offset:
            return f"{value.offset} {value.direction or 'after'} {value.anchor or 'the event'}"
        return value.recurrence.replace("_", " ") if value.recurrence else "no date"
    return _term_words(value)


def _term_words(term: Term) -> str:
    if term.perpetual:
        return "no end"
    if term.date:
        return date_words(term.date)
    if term.notice:
        return str(term.notice)
    if term.renewal:
        if term.renewal.perpetual or term.renewal.period is None:
            return "renews without end" if term.renewal.perpetual else "renews"
        how = "successive terms" if term.renewal.successive else "one term"
        return f"{how} of {term.renewal.period}{', automatically' if term.renewal.automatic else ''}"
    if term.parties:
        return "; ".join(party.name for party in term.parties)
    if term.amount:
        return term.amount.text
    if term.text:
        return term.text
    return f"waits for {term.blocked_on}" if term.blocked_on else "not stated"
