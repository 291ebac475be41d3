"""What governs a family as of a date: changes take effect on their day, and what disagrees is shown."""

import datetime as dt
from typing import Any

import pytest

from models.contract import Milestone, MilestoneKind
from models.dateexpr import Anchor, AnchorName, Fixed, TermEnd
from models.evidence import Evidence
from models.family import PART, Exchange, FamilyRole, Operation, OperationKind, Stated
from models.governing import Governing, Member, governing
from models.period import Period, Unit
from models.term import Renewal, Term, TermField, TermState

YEAR = Period(count=1, unit=Unit.YEAR)
START = dt.date(2020, 1, 1)


def days(count: int) -> Period:
    return Period(count=count, unit=Unit.DAY)


def at(section: str | None, start: int = 0, quote: str = "words") -> tuple[Evidence, ...]:
    return (Evidence(start=start, end=start + len(quote), quote=quote, section=section),)


def term(field: TermField, section: str | None = None, **value: Any) -> Term:
    return Term(field=field, state=TermState.FOUND, confidence=0.9, evidence=at(section), **value)


def fixed(field: TermField, day: dt.date, section: str | None = None) -> Term:
    return term(field, section, expr=Fixed(date=day), date=day)


def payment(title: str, section: str, start: int = 0) -> Milestone:
    evidence = at(section, start, title)
    return Milestone(kind=MilestoneKind.PAYMENT, title=title, evidence=evidence, rule="test", confidence=0.9)


MASTER = Member(
    key="master",
    terms=(
        fixed(TermField.EFFECTIVE_DATE, START),
        term(
            TermField.EXPIRATION_DATE,
            "4.1",
            expr=TermEnd(start=Anchor(name=AnchorName.EFFECTIVE_DATE), period=YEAR),
            date=dt.date(2021, 1, 1),
        ),
        term(TermField.RENEWAL_TERM, "4.2", renewal=Renewal(period=YEAR, successive=True, automatic=True)),
        term(TermField.NOTICE_PERIOD, "4.2", notice=days(30)),
    ),
    milestones=(payment("Pay for the North Plant", "2.1"), payment("Pay for the South Plant", "2.2", 100)),
)


def operation(kind: OperationKind, section: str | None = None, **said: Any) -> Operation:
    evidence = said.pop("evidence", at("1", 500, "It is hereby done."))
    return Operation(kind=kind, section=section, evidence=evidence, rule="test", **said)


def amendment(
    *operations: Operation, key: str = "first", number: int = 1, day: dt.date = dt.date(2020, 6, 1), **more: Any
) -> Member:
    terms = (fixed(TermField.AGREEMENT_DATE, day),)
    return Member(key=key, role=FamilyRole.AMENDMENT, number=number, terms=terms, operations=operations, **more)


def words(old: int, new: int, section: str = "4.2") -> Operation:
    exchange = Exchange(
        old=Stated(text=f"{old} days", period=days(old)), new=Stated(text=f"{new} days", period=days(new))
    )
    return operation(OperationKind.REPLACE_WORDS, section, exchanges=(exchange,))


def view(*members: Member, on: dt.date = dt.date(2020, 12, 1)) -> Governing:
    return governing((MASTER, *members), on)


def notice(found: Governing) -> tuple[Period | None, str | None]:
    one = found.term(TermField.NOTICE_PERIOD)
    assert one is not None
    return one.term.notice, one.document


def test_two_amendments_of_one_clause_take_effect_one_after_the_other() -> None:
    first, second = amendment(words(30, 60)), amendment(words(60, 90), key="second", number=2, day=dt.date(2020, 9, 1))
    assert notice(view(second, first, on=dt.date(2020, 5, 31))) == (days(30), "master")
    assert notice(view(second, first, on=dt.date(2020, 6, 1))) == (days(60), "first")
    assert notice(view(second, first, on=dt.date(2020, 9, 1))) == (days(90), "second")


def test_an_amendment_that_replaces_words_which_no_longer_govern_is_a_conflict_and_changes_nothing() -> None:
    second = amendment(words(30, 90), key="second", number=2, day=dt.date(2020, 9, 1))
    found = view(amendment(words(30, 60)), second)
    assert notice(found) == (days(60), "first")
    [conflict] = found.conflicts
    assert conflict.documents == ("first", "second")
    assert conflict.field is TermField.NOTICE_PERIOD


def test_words_of_another_section_are_left_alone() -> None:
    found = view(amendment(words(30, 60, section="7.3")))
    assert notice(found) == (days(30), "master")
    assert [change.moves for change in found.changes] == [False]


def test_an_extension_by_a_period_counts_from_the_end_that_governed() -> None:
    extended = operation(
        OperationKind.EXTEND,
        field=TermField.EXPIRATION_DATE,
        exchanges=(Exchange(new=Stated(text="one year", period=YEAR)),),
    )
    end = view(amendment(extended)).term(TermField.EXPIRATION_DATE)
    assert end is not None
    assert (end.term.date, end.document) == (dt.date(2022, 1, 1), "first")


@pytest.mark.parametrize(("flags", "left"), [((), 1), ((PART,), 2)])
def test_a_clause_that_is_deleted_takes_its_milestones_with_it_unless_only_a_part_is(
    flags: tuple[str, ...], left: int
) -> None:
    found = view(amendment(operation(OperationKind.DELETE, "2.1", flags=flags)))
    assert len(found.milestones) == left


def test_a_deleted_clause_takes_its_terms_with_it() -> None:
    found = view(amendment(operation(OperationKind.DELETE, "4.2")))
    assert notice(found) == (None, None)
    assert found.notice_deadline is None


def test_a_part_that_ends_falls_away_on_the_day_after() -> None:
    ended = operation(OperationKind.TERMINATE_PART, what="North Plant", since=dt.date(2020, 7, 31))
    titles = {
        day: [one.milestone.title for one in view(amendment(ended), on=day).milestones]
        for day in (dt.date(2020, 7, 31), dt.date(2020, 8, 1))
    }
    assert titles[dt.date(2020, 7, 31)] == ["Pay for the North Plant", "Pay for the South Plant"]
    assert titles[dt.date(2020, 8, 1)] == ["Pay for the South Plant"]


def test_what_an_amendment_asks_for_in_its_own_right_governs_with_it() -> None:
    fee = payment("Pay the fee for the change", "3", 900)
    found = view(amendment(milestones=(fee,)))
    assert [one.document for one in found.milestones] == ["master", "master", "first"]


def test_a_statement_of_work_keeps_its_own_term_and_leaves_the_masters() -> None:
    terms = (fixed(TermField.EFFECTIVE_DATE, START), fixed(TermField.EXPIRATION_DATE, dt.date(2020, 3, 1)))
    work = Member(key="work", role=FamilyRole.STATEMENT_OF_WORK, terms=terms)
    found = view(work)
    end = found.term(TermField.EXPIRATION_DATE)
    assert end is not None
    assert (end.term.date, end.document) == (dt.date(2021, 1, 1), "master")
    [beside] = found.beside
    assert (beside.document, beside.terms) == ("work", terms)


def test_a_restatement_replaces_all_and_later_amendments_change_the_restatement() -> None:
    restating = operation(OperationKind.RESTATE, since=dt.date(2020, 8, 1))
    restated = Member(
        key="restated",
        role=FamilyRole.RESTATEMENT,
        terms=(
            fixed(TermField.AGREEMENT_DATE, dt.date(2020, 7, 1)),
            term(TermField.NOTICE_PERIOD, "9", notice=days(45)),
        ),
        operations=(restating,),
    )
    later = amendment(words(45, 50, section="9"), key="later", day=dt.date(2020, 10, 1))
    family = (amendment(words(30, 60)), restated, later)
    assert notice(view(*family, on=dt.date(2020, 7, 15))) == (days(60), "first")
    assert notice(view(*family, on=dt.date(2020, 8, 1))) == (days(45), "restated")
    assert notice(view(*family, on=dt.date(2020, 10, 1))) == (days(50), "later")


def test_a_document_without_a_date_does_not_govern_and_is_named() -> None:
    found = view(Member(key="undated", role=FamilyRole.AMENDMENT, operations=(words(30, 60),)))
    assert found.undated == ("undated",)
    assert notice(found) == (days(30), "master")


def test_before_anything_is_in_effect_nothing_governs() -> None:
    found = view(on=dt.date(2019, 12, 31))
    assert (found.base, found.terms, found.pending) == (None, (), ("master",))


def test_inserting_a_second_term_is_a_conflict() -> None:
    added = operation(OperationKind.INSERT, "4.9", terms=(term(TermField.NOTICE_PERIOD, "4.9", notice=days(10)),))
    found = view(amendment(added))
    assert notice(found) == (days(30), "master")
    assert [one.documents for one in found.conflicts] == [("master", "first")]
