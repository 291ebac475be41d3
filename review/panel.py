"""Everything the panel beside the document says about one item."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from models.actor import LOCAL_ID, Actor, Role
from models.base import Value
from models.contract import Milestone, Term
from models.dateexpr import Ambiguous, Fixed
from models.decision import Finding, ItemState, ItemSubject
from models.derivation import date_words
from review.chain import Chain, chain
from review.choosing import OtherReading, other_readings
from review.previewing import dependants, value_words
from review.redating import Move
from review.resolving import Reckoning, Standing, shown, waiting
from review.wording import flag_words, heading
from store import audit
from store.audit import DecisionFilter
from store.review_tables import DecisionRow, ReviewItem
from store.tables import Contract

_HISTORY = 20


class Moved(NamedTuple):
    """Something that hangs on the item: what it is, and the day it has now."""

    item_id: str
    title: str
    when: str


class Missing(NamedTuple):
    """A fact the item waits for: its key, its name, and how many items wait for it."""

    anchor: str
    words: str
    items: int


@dataclass(frozen=True, slots=True)
class Panel:
    """What is shown of an item. ``value`` is as things stand; ``machine`` what was read, where a person changed it."""

    item: ReviewItem
    contract: Contract
    value: Milestone | Term | None
    machine: Milestone | Term | None
    chain: Chain | None
    readings: tuple[OtherReading, ...]
    warnings: tuple[str, ...]
    missing: tuple[Missing, ...]
    moves: tuple[Moved, ...]
    history: Sequence[DecisionRow]
    may_decide: bool
    may_approve: bool
    shared: bool
    """Whether colleagues may be at the same queue."""

    @property
    def is_term(self) -> bool:
        """Whether the item is a fact about the contract, not a milestone."""
        return self.item.subject is ItemSubject.TERM

    @property
    def open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.item.state.open

    @property
    def as_added(self) -> bool:
        """Whether a person added it and it still stands as it was added."""
        return (
            self.item.subject is ItemSubject.ADDED and self.item.state is ItemState.CORRECTED and self.machine is None
        )

    @property
    def due(self) -> dt.date | None:
        """The day to plan by."""
        value = self.value
        if isinstance(value, Term):
            return value.date
        return (value.date or value.latest or value.earliest) if value else None

    @property
    def changed(self) -> bool:
        """Whether a person's value differs from what was read."""
        return self.item.state is ItemState.CORRECTED and self.machine is not None


def panel(session: Session, standing: Standing, item: ReviewItem, actor: Actor, using: Reckoning) -> Panel:
    """What to show of an item of a contract."""
    value = shown(standing, item, using)
    machine = standing.machine.get(item.id)
    return Panel(
        item=item,
        contract=standing.contract,
        value=value,
        machine=machine,
        chain=chain(standing, item.id, value, using) if value is not None else None,
        readings=other_readings(standing, item, value, using),
        warnings=_warnings(item, value),
        missing=tuple(
            Missing(fact.anchor, fact.words, len(fact.item_ids))
            for fact in waiting(standing, using)
            if item.id in fact.item_ids
        ),
        moves=tuple(
            Moved(
                move.item.id,
                heading(move.item.title, move.item.kind, move.item.term_field is not None),
                value_words(move.before),
            )
            for move in sorted(dependants(standing, item, using), key=_terms_first)
        ),
        history=audit.page(session, DecisionFilter(item_id=item.id), limit=_HISTORY),
        may_decide=actor.may(Role.REVIEWER),
        may_approve=item.decided_by != actor.id,
        shared=actor.id != LOCAL_ID,
    )


def _ambiguous(expr: object) -> Iterator[Ambiguous]:
    """The places in an expression where the words can be read in several ways."""
    if isinstance(expr, Ambiguous):
        yield expr
    if isinstance(expr, Value):
        for name in type(expr).model_fields:
            part = getattr(expr, name)
            for one in part if isinstance(part, tuple) else (part,):
                yield from _ambiguous(one)


def _both(found: Ambiguous) -> str:
    """What the readings are, where they are days."""
    days = [date_words(reading.date) for reading in found.readings if isinstance(reading, Fixed)]
    if len(days) < len(found.readings):
        return f"It can be read in several ways ({found.why}). The earliest is shown."
    return f"It can be read as {' or as '.join(days)}. The earliest is shown."


def called(item: ReviewItem) -> str:
    """What an item is called in a list."""
    return heading(item.title, item.kind, item.term_field is not None)


def _terms_first(move: Move) -> tuple[bool, dt.date]:
    return move.item.term_field is None, move.item.due or dt.date.max


def _warnings(item: ReviewItem, value: Milestone | Term | None) -> tuple[str, ...]:
    """What a reviewer should look at twice, in sentences."""
    said = []
    if item.finding is Finding.CONFLICT and item.state.open:
        said.append("The contract says it in two ways that disagree. Accepting takes the one shown.")
    if item.finding is Finding.VANISHED:
        said.append("A later reading of the contract no longer found this. Does it still hold?")
    if item.finding is Finding.PARTIAL:
        said.append("It is stated with a blank or a redaction. Nothing was filled in.")
    if value is None:
        return tuple(said)
    said += [_both(found) for found in _ambiguous(value.expr)]
    said += [flag_words(flag) for flag in value.flags]
    if isinstance(value, Milestone) and value.vague:
        said.append("Vague: " + ", ".join(f"“{words}”" for words in value.vague) + ".")
    return tuple(dict.fromkeys(said))
