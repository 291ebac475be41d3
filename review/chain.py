"""A derivation as links: each step of the arithmetic with the passage it was read from."""

from typing import NamedTuple

from models.contract import Milestone, Term, TermField
from models.derivation import window_words
from models.evidence import Evidence
from models.resolution import Resolved, Step
from review.resolving import Reckoning, Standing

_FIELDS = {
    "Agreement date": TermField.AGREEMENT_DATE,
    "Effective date": TermField.EFFECTIVE_DATE,
    "End of term": TermField.EXPIRATION_DATE,
    "End of initial term": TermField.EXPIRATION_DATE,
    "Start of renewal term": TermField.EXPIRATION_DATE,
}
"""Which term a fact comes from, by the name that derivations call it."""


class Link(NamedTuple):
    """One step: what it says, the day or window it gives, and where it was read. ``key`` is the mark to jump to."""

    text: str
    gives: str
    where: str
    key: str | None
    last: bool


class Chain(NamedTuple):
    """The steps of a derivation and what a reviewer must know about them."""

    links: tuple[Link, ...]
    notes: tuple[str, ...]


def chain(standing: Standing, item_id: str, value: Term | Milestone, using: Reckoning) -> Chain | None:
    """How the dates of a value follow from the contract; None where it has none."""
    if value.expr is None or (isinstance(value, Term) and value.perpetual):
        return None
    own = value.evidence[0] if value.evidence else None
    outcome = standing.resolver(using).resolve(value.expr, own.where if own else "")
    if not isinstance(outcome, Resolved) or not outcome.steps:
        return None
    last = len(outcome.steps) - 1
    links = tuple(
        Link(step.text, window_words(step.earliest, step.latest), step.where, _key(standing, item_id, step), i == last)
        for i, step in enumerate(outcome.steps)
    )
    return Chain(links, outcome.notes)


def _key(standing: Standing, item_id: str, step: Step) -> str | None:
    """The item from whose passage a step was read: the term it names, else the one that stands at that place."""
    if not step.where:
        return None
    terms = {value.field: id_ for id_, value in standing.values.items() if isinstance(value, Term)}
    named = terms.get(_FIELDS[step.text]) if step.stated and step.text in _FIELDS else None
    if named is not None and _stands_at(standing.values[named].evidence, step.where):
        return named
    if (own := standing.value(item_id)) is not None and _stands_at(own.evidence, step.where):
        return item_id
    dated = [id_ for field, id_ in terms.items() if field in _FIELDS.values()]
    for id_ in (*dated, *standing.values):
        if _stands_at(standing.values[id_].evidence, step.where):
            return id_
    return None


def _stands_at(evidence: tuple[Evidence, ...], where: str) -> bool:
    return any(one.where == where for one in evidence)
