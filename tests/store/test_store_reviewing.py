import contextlib
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models.actor import Actor, Role
from models.contract import Milestone, Outcome, Status, Term, TermField, TermState
from models.dateexpr import Fixed
from models.decision import Finding, ItemState, ItemSubject
from models.evidence import Evidence
from store.engine import reading, writing
from store.results import save_outcome
from store.review_tables import NEVER, DecisionRow, ReviewItem
from store.reviewing import answer_of, change_item, lacking_items, source_of, sync_missing
from tests.store.samples import LATER, NOW, notice, outcome, payment, sha, start

ANNA = Actor(id="anna", name="Anna Berg", role=Role.REVIEWER)
END = Evidence(start=50, end=90, quote="This Agreement ends on 29 February 2028.")


def end(date: dt.date = dt.date(2028, 2, 29), quote: str = END.quote) -> Term:
    evidence = END.model_copy(update={"quote": quote, "end": END.start + len(quote)})
    return Term(
        field=TermField.EXPIRATION_DATE,
        state=TermState.FOUND,
        confidence=0.8,
        expr=Fixed(date=date),
        date=date,
        evidence=(evidence,),
        rule="end.on@1",
    )


def contract(terms: tuple[Term, ...] = (), milestones: tuple[Milestone, ...] = ()) -> Outcome:
    sha256 = sha("supply.pdf")
    return Outcome(file="supply.pdf", sha256=sha256, status=Status.OK, terms=terms or (end(),), milestones=milestones)


def save(engine: Engine, what: Outcome, ruleset: str = "r1") -> None:
    now = NOW if ruleset == "r1" else LATER
    with writing(engine) as session:
        save_outcome(session, what, ruleset_version=ruleset, model_version="m1", now=now, size=1)


def items(engine: Engine) -> dict[str, ReviewItem]:
    with reading(engine) as session:
        return {item.title: item for item in session.exec(select(ReviewItem))}


def trail(session: Session) -> list[tuple[str, str | None]]:
    rows = session.exec(select(DecisionRow).order_by(DecisionRow.seq))  # type: ignore[arg-type]
    return [(row.action.value, row.reason) for row in rows]


def decided(engine: Engine, title: str, value: Milestone | Term, state: ItemState = ItemState.ACCEPTED) -> None:
    """Decide an item as the review does."""
    with writing(engine) as session:
        item = session.exec(select(ReviewItem).where(ReviewItem.title == title)).one()
        columns: dict[str, Any] = {
            "state": state,
            "human_value": value.model_dump(mode="json"),
            "decided_source": source_of(value),
            "decided_answer": answer_of(value),
            "decided_by": ANNA.id,
        }
        assert change_item(session, item, NOW, columns)


def test_items_are_made_in_the_transaction_that_stores_the_outcome(engine: Engine) -> None:
    with contextlib.suppress(RuntimeError), writing(engine) as session:
        save_outcome(session, outcome(), ruleset_version="r1", model_version="m1", now=NOW, size=1)
        assert session.exec(select(ReviewItem)).all()
        raise RuntimeError("the power fails")
    assert items(engine) == {}


def test_every_item_has_the_columns_that_the_queue_sorts_and_filters_by(engine: Engine) -> None:
    save(engine, outcome())
    found = items(engine)
    paid = found["Monthly fee"]
    assert (paid.kind, paid.finding, paid.blocked_on, paid.recurring, paid.money, paid.rule, paid.page) == (
        "payment",
        Finding.BLOCKED,
        "event:acceptance of the first delivery",
        True,
        5000.0,
        "payment.monthly@1",
        5,
    )
    assert paid.counterparty == "Nordwind Optik GmbH; Λάμδα A.E."
    assert (paid.ranked_on, paid.state, paid.version) == (NEVER, ItemState.PENDING, 1)
    assert paid.clause_hash
    assert found["Last day to give notice"].due == dt.date(2027, 12, 31)
    assert found["The contract begins"].clause_hash is None
    assert (found["Expiration date"].finding, found["Agreement date"].finding) == (Finding.CONFLICT, Finding.BLOCKED)


def test_terms_that_nothing_hangs_on_wait_only_where_they_were_found(engine: Engine) -> None:
    save(engine, outcome())
    fields = {item.term_field for item in items(engine).values() if item.subject is ItemSubject.TERM}
    assert fields == {
        TermField.AGREEMENT_DATE,
        TermField.EFFECTIVE_DATE,
        TermField.EXPIRATION_DATE,
        TermField.RENEWAL_TERM,
        TermField.NOTICE_PERIOD,
        TermField.PARTIES,
        TermField.TITLE,
        TermField.TOTAL_VALUE,
    }


def test_saving_the_same_again_changes_no_item(engine: Engine) -> None:
    save(engine, outcome())
    before = items(engine)
    save(engine, outcome(), "r2")
    assert {title: item.model_dump() for title, item in items(engine).items()} == {
        title: item.model_dump() for title, item in before.items()
    }


def test_what_nobody_decided_follows_the_machine(engine: Engine) -> None:
    save(engine, contract())
    save(engine, contract((end(dt.date(2029, 1, 1)),)), "r2")
    item = items(engine)["Expiration date"]
    assert (item.due, item.version, item.state) == (dt.date(2029, 1, 1), 2, ItemState.PENDING)


@pytest.mark.parametrize(
    ("quote", "date", "state"),
    [
        (END.quote, dt.date(2028, 2, 29), ItemState.ACCEPTED),
        (END.quote, dt.date(2029, 1, 1), ItemState.ACCEPTED),
        ("It ends on 29 February 2028.", dt.date(2028, 2, 29), ItemState.ACCEPTED),
        ("this  agreement ENDS on 29 February 2028", dt.date(2029, 1, 1), ItemState.ACCEPTED),
        ("It ends on 1 January 2029.", dt.date(2029, 1, 1), ItemState.PENDING),
    ],
)
def test_a_decision_is_opened_again_only_if_both_the_passage_and_the_answer_changed(
    engine: Engine, quote: str, date: dt.date, state: ItemState
) -> None:
    save(engine, contract())
    decided(engine, "Expiration date", end())
    save(engine, contract((end(date, quote),)), "r2")
    item = items(engine)["Expiration date"]
    assert item.state is state
    with reading(engine) as session:
        rows = session.exec(select(DecisionRow)).all()
    if state is ItemState.PENDING:
        assert (item.human_value, item.decided_by, item.due) == (None, None, date)
        [row] = rows
        assert (row.action.value, row.actor_name) == ("reopen", "milepost")
        assert row.before is not None
        assert row.before["human_value"] == end().model_dump(mode="json")
    else:
        assert item.human_value == end().model_dump(mode="json")
        assert rows == []


def test_what_is_no_longer_found_is_superseded_unless_a_person_stands_behind_it(engine: Engine) -> None:
    save(engine, contract(milestones=(notice(), payment(), start())))
    decided(engine, "Last day to give notice", notice())
    decided(engine, "The contract begins", start(), ItemState.REJECTED)
    save(engine, contract(), "r2")
    found = items(engine)
    states = {title: (found[title].state, found[title].finding) for title in found if title != "Expiration date"}
    assert states == {
        "Monthly fee": (ItemState.SUPERSEDED, Finding.BLOCKED),
        "Last day to give notice": (ItemState.ACCEPTED, Finding.VANISHED),
        "The contract begins": (ItemState.REJECTED, Finding.FOUND),
    }
    with reading(engine) as session:
        assert trail(session) == [("supersede", "no longer found by a new reading")] * 2
    save(engine, contract(milestones=(notice(), payment(), start())), "r3")
    found = items(engine)
    assert (found["Monthly fee"].state, found["Last day to give notice"].finding) == (ItemState.PENDING, Finding.FOUND)


def test_items_of_contracts_that_were_read_before_there_was_a_review_are_made_once(engine: Engine) -> None:
    save(engine, outcome())
    before = {title: item.model_dump() for title, item in items(engine).items()}
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM review_item"))
    with writing(engine) as session:
        assert lacking_items(session)
        assert (sync_missing(session, NOW), sync_missing(session, NOW)) == (1, 0)
        assert not lacking_items(session)
    assert {title: item.model_dump() for title, item in items(engine).items()} == before


def test_a_failed_outcome_leaves_the_items_of_a_contract_read_before(engine: Engine) -> None:
    save(engine, outcome())
    before = len(items(engine))
    failed = Outcome(file="supply.pdf", sha256=sha("supply.pdf"), status=Status.FAILED)
    save(engine, failed, "r2")
    assert len(items(engine)) == before


def test_an_item_changes_only_in_the_version_that_was_read(engine: Engine) -> None:
    save(engine, contract())
    with writing(engine) as session:
        item = session.exec(select(ReviewItem).where(ReviewItem.title == "Expiration date")).one()
        session.expunge(item)
        other = session.exec(select(ReviewItem).where(ReviewItem.title == "Expiration date")).one()
        assert change_item(session, other, LATER, {"assignee_id": "ben"})
        session.expunge(other)
        session.add(item)
        assert not change_item(session, item, LATER, {"assignee_id": "anna"})
        assert (item.assignee_id, item.version) == ("ben", 2)
