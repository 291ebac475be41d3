"""Adding a milestone that the program missed, from the passage a person selected."""

import datetime as dt
import re
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import func
from sqlmodel import Session, col, select

from models.actor import Actor, Role
from models.base import Value
from models.contract import Milestone, MilestoneKind
from models.decision import Action, Change, ItemState, ItemSubject
from models.editing import CERTAIN, BadChangeError, changed_milestone
from models.evidence import Evidence
from models.resolution import Blocked
from models.source import SourceText
from review.deciding import check_dates, cleaned, require
from review.errors import Invalid
from review.redating import human_columns
from review.resolving import PLAIN, Reckoning, Standing, load_contract, load_standing, resolved
from store import audit, identity
from store.audit import Entry
from store.review_tables import ReviewItem
from store.reviewing import AUDITED, columns_of, shared_columns, snapshot
from store.search import index_contract

RULE = "person"
"""What found a milestone that a person added."""

_CLOSE = 90.0
"""Share of equal characters, in per cent, from which on a selected passage is taken for one of the text."""


class Added(Value):
    """A milestone a person adds: what it is, where it is said, and when it is due (``change.timing``)."""

    kind: MilestoneKind
    title: str
    evidence: Evidence
    change: Change = Change()


class Place(NamedTuple):
    """Where a passage stands in a text."""

    start: int
    end: int


def add(
    session: Session,
    contract_id: str,
    new: Added,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    reason: str | None = None,
) -> ReviewItem:
    """Add a milestone to a contract. It is confirmed, since a person states it."""
    require(actor, Role.REVIEWER)
    if not new.title.strip():
        raise Invalid("Give it a title.", "title")
    if not new.evidence.quote.strip():
        raise Invalid("Select the passage that says so.", "quote")
    contract = load_contract(session, contract_id, lock=True)
    standing = load_standing(session, contract)
    item_id = _next_id(session, contract_id)
    value = _dated(standing, new, using, item_id)
    _refuse_twice(standing, value)
    decided: dict[str, Any] = {
        "state": ItemState.CORRECTED,
        "decided_by": actor.id,
        "decided_by_name": actor.name,
        "decided_at": now,
    }
    item = ReviewItem(
        id=item_id,
        subject=ItemSubject.ADDED,
        contract_id=contract_id,
        **columns_of(value),
        **shared_columns(session, contract),
        **human_columns(value),
        **decided,
        reason=cleaned(reason),
        created_at=now,
        updated_at=now,
    )
    session.add(item)
    session.flush()
    after = {name: kept for name, kept in snapshot(item, AUDITED).items() if kept is not None}
    audit.write(session, actor, now, Entry(Action.ADD, item, after=after, reason=cleaned(reason)))
    index_contract(session, contract)
    return item


def preview_added(standing: Standing, new: Added, using: Reckoning) -> Milestone:
    """The milestone as it would be added, with its dates. Raises ``Invalid``."""
    return _dated(standing, new, using, "new")


def locate(text: str, quote: str, near: int | None = None) -> Place | None:
    """Where a selected passage stands in a text: as it is, by its words, else the most similar run; None if nowhere.

    A browser gives a selection with its own spaces and line ends. ``near`` is about where it was selected.
    """
    if not quote.strip():
        return None
    target = near if near is not None else 0
    exact = _occurrences(text, quote)
    if exact:
        start = min(exact, key=lambda at: abs(at - target))
        return Place(start, start + len(quote))
    words = quote.split()
    spaced = _by_words(text, words, target)
    if spaced is not None:
        return spaced
    window = text if near is None else text[max(0, near - 4 * len(quote)) : near + 5 * len(quote)]
    offset = 0 if near is None else max(0, near - 4 * len(quote))
    found = fuzz.partial_ratio_alignment(quote, window, score_cutoff=_CLOSE)
    return Place(offset + found.dest_start, offset + found.dest_end) if found else None


def evidence_at(source: SourceText, place: Place) -> Evidence:
    """A place of a document as evidence: its words, page and section."""
    section = None
    for one in source.sections:
        if one.start > place.start:
            break
        if place.start < one.end and one.number:
            section = one.number
    quote = source.text[place.start : place.end]
    return Evidence(start=place.start, end=place.end, quote=quote, page=source.page_of(place.start), section=section)


def _by_words(text: str, words: list[str], target: int) -> Place | None:
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    found = [Place(match.start(), match.end()) for match in pattern.finditer(text)]
    return min(found, key=lambda place: abs(place.start - target)) if found else None


def _occurrences(text: str, quote: str) -> list[int]:
    found, at = [], text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return found


def _dated(standing: Standing, new: Added, using: Reckoning, item_id: str) -> Milestone:
    check_dates(new.change)
    bare = Milestone(kind=new.kind, title=new.title.strip(), evidence=(new.evidence,), rule=RULE, confidence=CERTAIN)
    try:
        milestone = changed_milestone(bare, new.change)
    except BadChangeError as error:
        raise Invalid(str(error), error.field) from error
    after = standing.with_value(item_id, milestone)
    if milestone.expr is not None:
        outcome = after.resolver(using).resolve(milestone.expr)
        if isinstance(outcome, Blocked) and not outcome.on:
            raise Invalid(outcome.reason, "timing")
    value = resolved(after, using)[item_id]
    assert isinstance(value, Milestone)
    return value


def _refuse_twice(standing: Standing, new: Milestone) -> None:
    place = new.evidence[0]
    for item_id, value in standing.values.items():
        if not isinstance(value, Milestone) or value.kind is not new.kind:
            continue
        other = value.evidence[0]
        if (other.start, other.end, value.expr) == (place.start, place.end, new.expr):
            words = standing.items[item_id].title
            raise Invalid(f"This passage has that milestone already: {words}.", "quote")


def _next_id(session: Session, contract_id: str) -> str:
    counted = select(func.count()).where(
        col(ReviewItem.contract_id) == contract_id, col(ReviewItem.subject) == ItemSubject.ADDED
    )
    return identity.derive("item", "added", contract_id, str(session.exec(counted).one() + 1))
