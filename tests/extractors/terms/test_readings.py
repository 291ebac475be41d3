"""Readings that were not chosen: each keeps the value it states, so that a person can take it."""

from typing import Any

import pytest

from extractors.engine import prepare
from extractors.terms import extract_terms
from models.contract import Term, TermField, TermState
from models.decision import Change
from models.editing import BadChangeError, changed_term
from models.source import SourceText
from rules.loader import installed_rules

OPENING = 'This Supply Agreement (the "Agreement") is made as of March 1, 2026 between Alder Ltd and Birch Ltd.\n'
RENEWS = (
    "The Agreement renews automatically for successive terms of one (1) year each unless either party gives notice "
)

TWO_DATES = (
    OPENING + "1. Term. The Effective Date of this Agreement is April 1, 2026. The term is two (2) years.\n"
    "2. Effective Date. The effective date of this Agreement shall be May 15, 2026.\n"
)
WORD_AND_FIGURE = (
    OPENING + "2. Renewal. " + RENEWS + "at least sixty (90) days before the end of the then-current term.\n"
)


def term_of(text: str, field: TermField) -> Term:
    found = extract_terms(prepare(SourceText(text, (), ())), installed_rules())
    return next(term for term in found.terms if term.field is field)


def value(term: Term) -> Any:
    return str(term.notice) if term.notice else term.expr


@pytest.mark.parametrize(
    ("text", "field"), [(TWO_DATES, TermField.EFFECTIVE_DATE), (WORD_AND_FIGURE, TermField.NOTICE_PERIOD)]
)
def test_each_reading_of_a_conflict_can_be_taken_with_its_own_passage(text: str, field: TermField) -> None:
    term = term_of(text, field)
    assert term.state is TermState.CONFLICT
    others = [changed_term(term, Change(reading=number)) for number in range(len(term.alternatives))]
    values = {str(value(one)) for one in others} - {str(value(term))}
    assert len(values) == 1
    for taken, reading in zip(others, term.alternatives, strict=True):
        assert taken.state is TermState.FOUND
        assert taken.confidence == 1
        assert taken.evidence == (reading.evidence,)
        assert reading.text in (reading.evidence.quote, str(taken.notice))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Change(reading=7), "reading"),
        (Change(reading=0, absent=True), "reading"),
        (Change(reading=0, text="x"), "text"),
    ],
)
def test_a_reading_that_is_not_there_or_not_alone_is_refused(change: Change, field: str) -> None:
    with pytest.raises(BadChangeError) as refused:
        changed_term(term_of(WORD_AND_FIGURE, TermField.NOTICE_PERIOD), change)
    assert refused.value.field == field


def test_a_passage_that_no_value_was_read_from_cannot_be_taken() -> None:
    term = term_of(WORD_AND_FIGURE, TermField.NOTICE_PERIOD)
    bare = term.alternatives[0].model_copy(update={"notice": None})
    assert not bare.states_value
    with pytest.raises(BadChangeError, match="no such reading"):
        changed_term(term.model_copy(update={"alternatives": (bare,)}), Change(reading=0))
