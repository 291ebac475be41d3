"""Forms: what was left as it was is no change, and what makes no sense is refused with the field at fault."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from models.contract import Milestone, MilestoneKind, Recurrence, Renewal, Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, Fixed, Recurring, Shift, TermEnd, Window, Within
from models.decision import Change
from models.evidence import Evidence
from models.period import Direction, Period, Unit
from review.errors import Invalid
from review.forms import change_of, fields_of

EVENT = Anchor(name=AnchorName.EVENT, event="acceptance of the system")
THIRTY = Period(count=30, unit=Unit.DAY)
EXPRESSIONS = [
    None,
    Fixed(date=dt.date(2027, 1, 15)),
    Window(earliest=Fixed(date=dt.date(2027, 1, 1)), latest=Fixed(date=dt.date(2027, 2, 1))),
    Shift(base=EVENT, period=THIRTY, direction=Direction.AFTER),
    Shift(base=Anchor(name=AnchorName.TERM_END), period=THIRTY, direction=Direction.BEFORE),
    Within(base=Anchor(name=AnchorName.DELIVERY), period=THIRTY, direction=Direction.AFTER),
    Recurring(rrule="FREQ=MONTHLY", start=Fixed(date=dt.date(2027, 1, 15)), until=Fixed(date=dt.date(2028, 1, 15))),
    EVENT,
]


def milestone(**values: Any) -> Milestone:
    evidence = Evidence(start=0, end=4, quote="then")
    plain = {"kind": MilestoneKind.PAYMENT, "title": "Pay", "rule": "r@1", "confidence": 0.9, "evidence": (evidence,)}
    return Milestone(**{**plain, **values})


def term(field: TermField, **values: Any) -> Term:
    return Term(field=field, state=TermState.FOUND, confidence=0.9, **values)


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_a_form_sent_as_it_was_shown_changes_nothing(expr: Any) -> None:
    value = milestone(expr=expr, who="Customer", date=dt.date(2027, 1, 15) if expr is None else None)
    assert change_of(fields_of(value), value).empty


def test_only_what_was_typed_changes() -> None:
    value = milestone(expr=Fixed(date=dt.date(2027, 1, 15)))
    form = fields_of(value) | {"title": "Pay the deposit", "kind": "delivery"}
    assert change_of(form, value) == Change(title="Pay the deposit", kind=MilestoneKind.DELIVERY)


def test_a_date_a_period_and_a_rhythm_become_a_timing() -> None:
    value = milestone()
    form = fields_of(value) | {
        "how": "counted",
        "count": "10",
        "unit": "business_day",
        "anchor": "event",
        "event": "delivery of phase 2",
        "recurrence": "quarterly",
    }
    timing = change_of(form, value).timing
    assert timing is not None
    assert (timing.period, timing.event) == (Period(count=10, unit=Unit.DAY, business=True), "delivery of phase 2")
    assert timing.recurrence is Recurrence.QUARTERLY


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"how": "date", "date": "2026-02-30"}, "date"),
        ({"how": "date", "date": "0026-02-03"}, "date"),
        ({"how": "date", "date": "soon"}, "date"),
        ({"how": "window", "latest": "2026-13-01"}, "latest"),
        ({"how": "window", "earliest": "2027-02-01", "latest": "2027-01-01"}, "earliest"),
        ({"how": "counted", "count": "-3"}, "count"),
        ({"how": "counted", "count": "3", "anchor": "event"}, "event"),
        ({"how": "counted", "count": "3", "anchor": "nonsense"}, "anchor"),
        ({"how": "counted", "count": "3", "unit": "fortnight"}, "unit"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"kind": "party"}, "kind"),
    ],
)
def test_what_makes_no_sense_names_its_field(typed: dict[str, str], field: str) -> None:
    value = milestone(expr=Fixed(date=dt.date(2027, 1, 15)))
    with pytest.raises(Invalid) as refused:
        change_of(fields_of(value) | typed, value)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("value", "typed", "change"),
    [
        (
            term(TermField.NOTICE_PERIOD, notice=THIRTY),
            {"count": "3", "unit": "month"},
            Change(notice=Period(count=3, unit=Unit.MONTH)),
        ),
        (
            term(TermField.RENEWAL_TERM, renewal=Renewal(period=THIRTY)),
            {"count": "12", "unit": "month", "automatic": "on", "successive": "on", "times": ""},
            Change(renewal=Renewal(period=Period(count=12, unit=Unit.MONTH), automatic=True, successive=True)),
        ),
        (term(TermField.EXPIRATION_DATE), {"how": "perpetual"}, Change(perpetual=True)),
        (term(TermField.EXPIRATION_DATE), {"absent": "on"}, Change(absent=True)),
        (term(TermField.TITLE, text="Old"), {"text": " New "}, Change(text="New")),
    ],
)
def test_a_term_is_stated_in_the_way_of_its_field(value: Term, typed: dict[str, str], change: Change) -> None:
    assert change_of(fields_of(value) | typed, value) == change


def test_parties_and_amounts_are_read_from_what_is_typed() -> None:
    parties = change_of({"parties": "Acme Ltd | Supplier\n\nBolt Inc."}, term(TermField.PARTIES)).parties
    assert [(party.name, party.defined_as) for party in parties] == [("Acme Ltd", "Supplier"), ("Bolt Inc.", None)]
    amount = change_of({"amount": "12,500.00", "currency": "usd"}, term(TermField.TOTAL_VALUE)).amount
    assert amount is not None
    assert (amount.value, amount.currency) == (Decimal("12500.00"), "USD")
    for typed in ({"amount": "much"}, {"amount": "NaN"}, {"amount": "1", "currency": "dollars"}):
        with pytest.raises(Invalid):
            change_of(typed, term(TermField.TOTAL_VALUE))


def test_the_end_of_a_term_is_shown_as_it_is_counted() -> None:
    years = Period(count=3, unit=Unit.YEAR)
    expr = TermEnd(start=Anchor(name=AnchorName.EFFECTIVE_DATE), period=years)
    shown = fields_of(term(TermField.EXPIRATION_DATE, expr=expr))
    assert (shown["how"], shown["count"], shown["unit"], shown["anchor"]) == ("counted", "3", "year", "effective_date")
