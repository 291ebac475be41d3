"""The other readings of a value that the contract states in two ways, or in words that can be read in two: to be taken
with one key instead of the one that is shown.
"""

from typing import NamedTuple

from models.contract import Milestone, Term
from models.dateexpr import Ambiguous, Fixed
from models.decision import Change, Timing
from models.derivation import date_words
from models.evidence import Evidence
from review.deciding import corrected_value
from review.errors import Invalid
from review.panes import reading_key
from review.previewing import value_words
from review.resolving import Reckoning, Standing
from store.review_tables import ReviewItem


class OtherReading(NamedTuple):
    """A reading that was not chosen. ``words``: what it comes to. ``key`` is its mark in the document.

    ``change`` takes it; None where the passage was seen but no value was read from it.
    """

    words: str
    key: str
    evidence: Evidence | None
    change: Change | None


def other_readings(
    standing: Standing, item: ReviewItem, value: Milestone | Term | None, using: Reckoning
) -> tuple[OtherReading, ...]:
    """What could be taken for an item that waits, instead of the value that is shown."""
    if value is None or not item.state.open:
        return ()
    if isinstance(value.expr, Ambiguous):
        shown = value.date
        days = [reading.date for reading in value.expr.readings if isinstance(reading, Fixed)]
        return tuple(
            OtherReading(date_words(day), item.id, None, Change(timing=Timing(date=day)))
            for day in days
            if day != shown
        )
    if not isinstance(value, Term):
        return ()
    found = []
    said = {value_words(value)}
    for number, reading in enumerate(value.alternatives):
        words, change = reading.text, None
        if reading.states_value:
            change = Change(reading=number)
            try:
                words = value_words(corrected_value(standing, item, change, using))
            except Invalid:
                change = None
            if words in said:
                continue
            said.add(words)
        found.append(OtherReading(words, reading_key(item.id, number), reading.evidence, change))
    return tuple(found)
