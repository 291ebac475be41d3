"""Amendments applied: what they change is opened again, what they do not touch keeps its decision, all or nothing."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from models.business import WEEKENDS_ONLY, calendar_for
from models.contract import Outcome, Party, Status, Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.dateexpr import Fixed
from models.decision import Action, Finding, ItemState
from models.evidence import Evidence
from models.family import Exchange, FamilyRole, Operation, OperationKind, Reference, Stated
from models.period import Period, Unit
from review.deciding import accept
from store.amending import amend, changes_of, decide, effects, governing_document, reviewed, warning_of
from store.confirmed import iter_confirmed
from store.engine import reading, writing
from store.families import find_link, links_to, sweep_links
from store.family_tables import FamilyLink, LinkState
from store.fingerprint import fingerprint
from store.identity import contract_id
from store.queries import list_milestones, term_of, terms_of
from store.results import save_outcome
from store.review_queue import items_of
from store.review_tables import DecisionRow
from store.reviewing import lacking_items
from tests.review.desk import ANNA, NOW, after, item, milestones, sha, terms, trail

PARTIES = ("Nordwind Optik GmbH", "Quarz Labs Ltd")
NOTICE = "Last day to give notice"
WORDS = 'The reference to "ninety (90) days" in Section 9.2 is replaced by "one hundred (100) days".'
REPLACED = Operation(
    kind=OperationKind.REPLACE_WORDS,
    section="Section 9.2",
    exchanges=(
        Exchange(
            old=Stated(text="ninety (90) days", period=Period(count=90, unit=Unit.DAY)),
            new=Stated(text="one hundred (100) days", period=Period(count=100, unit=Unit.DAY)),
        ),
    ),
    evidence=(Evidence(start=300, end=300 + len(WORDS), quote=WORDS, page=1, section="1"),),
    rule="replace.words@1",
)


def named() -> Term:
    parties = tuple(Party(name=name) for name in PARTIES)
    return Term(field=TermField.PARTIES, state=TermState.FOUND, confidence=0.9, parties=parties)


def master(file: str = "supply.pdf") -> Outcome:
    dated, due = resolve_contract((*terms(), named()), milestones())
    return Outcome(file=file, sha256=sha(file), status=Status.OK, terms=dated, milestones=due)


def amendment(*operations: Operation, file: str = "amendment.pdf", certain: bool = True) -> Outcome:
    quote = "Amendment No. 1 to the Supply Agreement effective as of October 1, 2024"
    said = Reference(
        role=FamilyRole.AMENDMENT,
        number=1,
        title="Supply Agreement" if certain else None,
        dated=dt.date(2024, 10, 1),
        parties=PARTIES,
        evidence=Evidence(start=0, end=len(quote), quote=quote),
        rule="amendment.to@1",
    )
    day = dt.date(2026, 3, 1)
    own = Term(field=TermField.AGREEMENT_DATE, state=TermState.FOUND, confidence=0.9, expr=Fixed(date=day), date=day)
    return Outcome(
        file=file, sha256=sha(file), status=Status.OK, terms=(own, named()), amends=(said,), operations=operations
    )


def save(session: Session, outcome: Outcome, now: dt.datetime = NOW) -> str:
    save_outcome(session, outcome, ruleset_version="1", model_version="1", now=now, size=10)
    return contract_id(outcome.sha256 or "")


def confirm(session: Session, *titles: str) -> None:
    for title in titles:
        found = item(session, title)
        accept(session, found.id, found.version, ANNA, NOW)


def state_of(engine: Engine) -> tuple[object, ...]:
    with reading(engine) as session:
        links = [one.model_dump() for one in session.exec(select(FamilyLink))]
        changes = [one.model_dump() for link in links for one in changes_of(session, link["id"])]
        rows = [row.id for row in session.exec(select(DecisionRow))]
        return fingerprint(session), links, changes, rows, item(session, NOTICE).model_dump()


@pytest.fixture
def confirmed(engine: Engine) -> str:
    """A contract of which people confirmed three things; its id."""
    with writing(engine) as session:
        id_ = save(session, master())
        confirm(session, "Notice period", NOTICE, "First instalment")
    return id_


def test_what_an_amendment_changes_is_opened_again_and_the_rest_keeps_its_decision(
    engine: Engine, confirmed: str
) -> None:
    with writing(engine) as session:
        save(session, amendment(REPLACED), after(1))
    with reading(engine) as session:
        assert item(session, "Notice period").state is ItemState.PENDING
        assert item(session, NOTICE).state is ItemState.PENDING
        assert item(session, "First instalment").state is ItemState.ACCEPTED
        term = next(term_of(row) for row in terms_of(session, confirmed) if row.field is TermField.NOTICE_PERIOD)
        assert (str(term.notice), term.evidence[0].quote, term.evidence[0].page) == ("100 days", WORDS, None)
        assert governing_document(term) == contract_id(sha("amendment.pdf"))
        moved = next(one.milestone for one in list_milestones(session) if one.milestone.title == NOTICE)
        assert moved.machine_date == dt.date(2027, 6, 23)


def test_the_old_decision_stands_beside_what_was_opened_again(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        save(session, amendment(REPLACED), after(1))
    with reading(engine) as session:
        opened = {row.item_id: row for row in trail(session, Action.REOPEN)}
        row = opened[item(session, NOTICE).id]
        assert row.before is not None
        assert (row.before["decided_by"], row.before["state"], row.before["due"]) == ("anna", "accepted", "2027-07-03")
        (link,) = links_to(session, confirmed)
        sides = {one.what: (one.old, one.new) for one in changes_of(session, link.id)}
        old, new = sides[NOTICE]
        assert old is not None
        assert new is not None
        assert (old["date"], new["date"]) == ("2027-07-03", "2027-06-23")
        assert new["evidence"][-1]["quote"] == WORDS


def test_until_it_is_decided_the_old_value_is_tracked_and_its_reminders_warn(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        before = next(iter_confirmed(session, confirmed))
        save(session, amendment(REPLACED), after(1))
        held = next(iter_confirmed(session, confirmed))
        assert {(one.key, one.milestone.date) for one in held.milestones} == {
            (one.key, one.milestone.date) for one in before.milestones
        }
        key = item(session, NOTICE).milestone_key or ""
        other = item(session, "First instalment").milestone_key or ""
        assert "amendment.pdf" in (warning_of(session, confirmed, key) or "")
        assert warning_of(session, confirmed, other) is None
        confirm(session, "Notice period", NOTICE)
        assert warning_of(session, confirmed, key) is None
        (dated,) = (one for one in next(iter_confirmed(session, confirmed)).milestones if one.key == key)
        assert dated.milestone.date == dt.date(2027, 6, 23)


def test_what_an_amendment_takes_out_is_proposed_as_superseded_and_warns(engine: Engine, confirmed: str) -> None:
    gone = Operation(kind=OperationKind.DELETE, section="9.2", evidence=REPLACED.evidence, rule="delete@1")
    with writing(engine) as session:
        save(session, amendment(gone), after(1))
    with reading(engine) as session:
        found = item(session, NOTICE)
        assert (found.state, found.finding) == (ItemState.ACCEPTED, Finding.VANISHED)
        assert warning_of(session, confirmed, found.milestone_key or "") is not None


def test_a_link_that_is_only_proposed_changes_nothing_and_warns_all_the_same(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        child = save(session, amendment(REPLACED, certain=False), after(1))
        link = find_link(session, child, confirmed)
        assert link is not None
        found = item(session, NOTICE)
        assert (link.state, found.state) == (LinkState.PROPOSED, ItemState.ACCEPTED)
        assert warning_of(session, confirmed, found.milestone_key or "") is not None
        decide(session, link, LinkState.REFUSED, ANNA, after(2))
        assert warning_of(session, confirmed, found.milestone_key or "") is None


def test_refusing_a_link_that_was_taken_for_certain_brings_the_old_terms_back(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        child = save(session, amendment(REPLACED), after(1))
        link = find_link(session, child, confirmed)
        assert link is not None
        decide(session, link, LinkState.REFUSED, ANNA, after(2))
        term = next(term_of(row) for row in terms_of(session, confirmed) if row.field is TermField.NOTICE_PERIOD)
    assert (str(term.notice), governing_document(term)) == ("90 days", None)


def test_a_change_that_no_rule_understands_warns_until_a_person_has_seen_to_it(engine: Engine, confirmed: str) -> None:
    told = Operation(kind=OperationKind.AMEND, evidence=REPLACED.evidence, rule="amend@1")
    with writing(engine) as session:
        child = save(session, amendment(told), after(1))
        link = find_link(session, child, confirmed)
        assert link is not None
        key = item(session, "First instalment").milestone_key or ""
        assert [one.operation for one in effects(session, link, NOW)] == [told]
        assert warning_of(session, confirmed, key) is not None
        reviewed(session, link, ANNA, after(2))
        assert warning_of(session, confirmed, key) is None


def test_reading_an_unchanged_family_again_changes_nothing(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        save(session, amendment(REPLACED), after(1))
    before = state_of(engine)
    with writing(engine) as session:
        save(session, master(), after(2))
        save(session, amendment(REPLACED), after(2))
        amend(session, confirmed, after(3))
        assert sweep_links(session, after(3)) == []
    assert state_of(engine) == before


def test_what_nobody_confirmed_is_not_confirmed_by_an_amendment(engine: Engine) -> None:
    with writing(engine) as session:
        save(session, master())
        save(session, amendment(REPLACED), after(1))
        assert list(iter_confirmed(session)) == []


def test_reading_an_unchanged_portfolio_again_proposes_nothing(sqlite_engine: Engine) -> None:
    families = 50
    portfolio = [
        outcome
        for number in range(families)
        for outcome in (_another(master(f"{number}.pdf"), number), _another(amendment(file=f"{number}-1.pdf"), number))
    ]
    assert len(portfolio) == 100
    with writing(sqlite_engine) as session:
        for outcome in portfolio:
            save(session, outcome)
        links = len(session.exec(select(FamilyLink)).all())
        decisions = len(session.exec(select(DecisionRow)).all())
        before = fingerprint(session)
    assert links == families
    with writing(sqlite_engine) as session:
        for outcome in portfolio:
            save(session, outcome, after(1))
        assert sweep_links(session, after(2)) == []
        assert len(session.exec(select(FamilyLink)).all()) == links
        assert len(session.exec(select(DecisionRow)).all()) == decisions
        assert fingerprint(session) == before


def _another(outcome: Outcome, number: int) -> Outcome:
    """The same between other parties, about whom nothing else is said."""
    names = (f"Nordwind{number} Optik GmbH", f"Quarz{number} Labs Ltd")
    parties = tuple(Party(name=name) for name in names)
    terms_ = tuple(
        term.model_copy(update={"parties": parties}) if term.field is TermField.PARTIES else term
        for term in outcome.terms
        if term.field in (TermField.PARTIES, TermField.TITLE, TermField.EFFECTIVE_DATE, TermField.AGREEMENT_DATE)
    )
    amends = tuple(one.model_copy(update={"parties": names}) for one in outcome.amends)
    return outcome.model_copy(update={"terms": terms_, "amends": amends, "milestones": ()})


class KilledError(Exception):
    """The process died."""


def test_a_crash_at_any_statement_leaves_the_old_state_or_the_new_one(engine: Engine, confirmed: str) -> None:
    old, died = state_of(engine), 0
    for survives in _growing():
        left = [survives]

        def kill(*_: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KilledError

        event.listen(engine, "before_cursor_execute", kill)
        try:
            with writing(engine) as session:
                save(session, amendment(REPLACED), after(1))
        except KilledError:
            died += 1
        finally:
            event.remove(engine, "before_cursor_execute", kill)
        if left[0] >= 0:
            break
        assert state_of(engine) == old
    assert died > 20
    assert state_of(engine) != old
    with reading(engine) as session:
        assert item(session, NOTICE).state is ItemState.PENDING
        assert len(links_to(session, confirmed)) == 1


def _growing() -> Iterator[int]:
    return iter(range(0, 10_000, 3))


def test_what_an_amendment_says_is_decided_once_at_the_contract_it_amends(engine: Engine, confirmed: str) -> None:
    with writing(engine) as session:
        said = amendment(REPLACED).model_copy(update={"milestones": master().milestones})
        child = save(session, said, after(1))
        asked = [one.term_field for one in items_of(session, child)]
        assert asked == [TermField.AGREEMENT_DATE], "since when it has effect, and nothing else"
        link = find_link(session, child, confirmed)
        assert link is not None
        decide(session, link, LinkState.REFUSED, ANNA, after(2))
        assert {NOTICE, "First instalment"} <= {one.title for one in items_of(session, child)}
        decide(session, link, LinkState.CONFIRMED, ANNA, after(3))
        assert [one.term_field for one in items_of(session, child)] == [TermField.AGREEMENT_DATE]
        assert not lacking_items(session)


def test_a_clause_that_gets_a_new_text_moves_its_milestone_and_adds_no_second(engine: Engine, confirmed: str) -> None:
    (notice,) = (one for one in master().milestones if one.title == NOTICE)
    words = "9.2 The parties give notice on June 1, 2027."
    place = Evidence(start=400, end=400 + len(words), quote=words, page=1)
    due = dt.date(2027, 6, 1)
    new = notice.model_copy(
        update={"evidence": (place,), "expr": Fixed(date=due), "date": due, "latest": None, "earliest": None}
    )
    clause = Operation(
        kind=OperationKind.REPLACE_CLAUSE, section="9.2", text=words, evidence=(*REPLACED.evidence, place), rule="r@1"
    )
    with writing(engine) as session:
        key = item(session, NOTICE).milestone_key
        save(session, amendment(clause).model_copy(update={"milestones": (new,)}), after(1))
        moved = item(session, NOTICE)
        assert (moved.milestone_key, moved.state, moved.due) == (key, ItemState.PENDING, due)
        assert [one.title for one in items_of(session, confirmed)].count(NOTICE) == 1


def test_business_days_in_a_family_are_counted_as_the_contract_counts_them(sqlite_engine: Engine) -> None:
    """90 business days before 1 October 2027: across the Fourth of July, observed on the Monday after it."""
    ninety, hundred = (Period(count=count, unit=Unit.DAY, business=True) for count in (90, 100))
    change = Exchange(
        old=Stated(text="ninety business days", period=ninety), new=Stated(text="100 business days", period=hundred)
    )
    replaced = REPLACED.model_copy(update={"exchanges": (change,)})
    due = {}
    for jurisdiction in (None, "US"):
        counted = _counted_in_business_days(jurisdiction, ninety)
        with writing(sqlite_engine) as session:
            id_ = save(session, counted)
            said = amendment(replaced, file=f"{jurisdiction}-1.pdf")
            link_child = save(session, said, after(1))
            link = find_link(session, link_child, id_)
            assert link is not None
            decide(session, link, LinkState.CONFIRMED, ANNA, after(2))
            due[jurisdiction] = item(session, NOTICE, id_).due or dt.date.max
    assert due["US"] < due[None], "holidays are no business days there"


def _counted_in_business_days(jurisdiction: str | None, length: Period) -> Outcome:
    found = tuple(
        one.model_copy(update={"notice": length}) if one.field is TermField.NOTICE_PERIOD else one for one in terms()
    )
    due = tuple(
        one.model_copy(update={"offset": length, "expr": one.expr.model_copy(update={"period": length})})
        if one.title == NOTICE and one.expr is not None
        else one
        for one in milestones()
    )
    calendar = calendar_for(jurisdiction) if jurisdiction else WEEKENDS_ONLY
    dated, resolved = resolve_contract((*found, named()), due, calendar)
    file = f"{jurisdiction}.pdf"
    return Outcome(
        file=file, sha256=sha(file), status=Status.OK, terms=dated, milestones=resolved, jurisdiction=jurisdiction
    )
