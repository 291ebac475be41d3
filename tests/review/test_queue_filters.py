from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from models.contract import Party, TermField, TermState
from models.decision import Change, Finding, ItemState, ItemSubject
from review.deciding import accept, assign, correct, reject
from review.undoing import undo
from store import review_queue
from store.engine import reading, writing
from store.review_queue import DONE, EVERYTHING, OPEN, Counts, QueueFilter
from store.review_tables import ReviewItem, ReviewProgress, ReviewText
from tests.review.desk import ANNA, BEN, NOW, item, outcome, read, term, terms

PARTIES = {
    "supply.pdf": ("Nordwind GmbH", "Our Company Inc."),
    "rent.pdf": ('The "Old Mill" Ltd', "Our Company Inc."),
    "lease.pdf": ("50%_Partners", "Our Company Inc."),
}


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """Three contracts of several parties; some items decided, some assigned."""
    for name, parties in PARTIES.items():
        named = tuple(Party(name=party) for party in parties)
        read(engine, outcome(name, terms=(*terms(), term(TermField.PARTIES, TermState.FOUND, parties=named))))
    with writing(engine) as session:
        items = session.exec(select(ReviewItem).order_by(ReviewItem.id)).all()
        waiting = [one for one in items if one.subject is ItemSubject.MILESTONE]
        accept(session, waiting[0].id, waiting[0].version, ANNA, NOW)
        reject(session, waiting[1].id, waiting[1].version, BEN, NOW, reason="no")
        change = Change(title="Final INSTALMENT")
        correct(session, waiting[2].id, waiting[2].version, ANNA, NOW, change)
        for one in waiting[3:6]:
            assign(session, one.id, one.version, ANNA, NOW, assignee_id="ben")
    return engine


def words(one: ReviewItem) -> list[str]:
    return [one.title.lower(), one.quote.lower(), (one.counterparty or "").lower()]


FILTERS: list[tuple[QueueFilter, Callable[[ReviewItem], bool]]] = [
    (QueueFilter(), lambda _: True),
    (QueueFilter(contracts=()), lambda _: False),
    (QueueFilter(counterparty="NORDWIND"), lambda one: "nordwind" in (one.counterparty or "").lower()),
    (QueueFilter(counterparty='"old'), lambda one: '"old' in (one.counterparty or "").lower()),
    (QueueFilter(counterparty="%_"), lambda one: "%_" in (one.counterparty or "").lower()),
    (QueueFilter(counterparty="company"), lambda one: "company" in (one.counterparty or "").lower()),
    (QueueFilter(text="Instalment"), lambda one: any("instalment" in word for word in words(one))),
    (QueueFilter(text="50%_"), lambda one: any("50%_" in word for word in words(one))),
    (QueueFilter(text="zeppelin"), lambda _: False),
    (
        QueueFilter(text="instalment", counterparty="nordwind"),
        lambda one: any("instalment" in word for word in words(one)) and "nordwind" in (one.counterparty or "").lower(),
    ),
    (QueueFilter(kinds=("payment",)), lambda one: one.kind == "payment"),
    (QueueFilter(kinds=("payment",), text="second"), lambda one: "second" in one.quote and one.kind == "payment"),
    (QueueFilter(findings=(Finding.ABSENT,)), lambda one: one.finding is Finding.ABSENT),
    (QueueFilter(max_confidence=0.8), lambda one: one.confidence <= 0.8),
    (QueueFilter(min_confidence=0.9), lambda one: one.confidence >= 0.9),
    (QueueFilter(unassigned=True), lambda one: one.assignee_id is None),
    (
        QueueFilter(unassigned=True, counterparty="nordwind"),
        lambda one: one.assignee_id is None and "nordwind" in (one.counterparty or "").lower(),
    ),
    (QueueFilter(assignee="ben"), lambda one: one.assignee_id == "ben"),
    (QueueFilter(reviewer=ANNA.id), lambda one: one.decided_by == ANNA.id),
    (QueueFilter(subject=ItemSubject.TERM), lambda one: one.subject is ItemSubject.TERM),
]


@pytest.mark.parametrize("few", [500, 1])
def test_every_filter_lets_through_and_counts_what_it_says_however_many_that_are(
    desk: Engine, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(review_queue, "_FEW", few)
    with reading(desk) as session:
        everything = session.exec(select(ReviewItem)).all()
    for which, holds in FILTERS:
        held = [one for one in everything if holds(one)]
        done = [one for one in held if one.state in DONE]
        for states in (OPEN, DONE, ()):
            expected = {one.id for one in held if one.state in (states or tuple(ItemState))}
            asked = which._replace(states=states)
            with reading(desk) as session:
                found = [listed.item for listed in review_queue.page(session, asked)]
                assert {one.id for one in found} == expected, asked
                ordered = [(one.priority, one.id) for one in found]
                assert ordered == sorted(ordered, reverse=True)
                assert review_queue.counts(session, asked) == Counts(len(held), len(done)), asked
                assert sum(review_queue.kind_counts(session, asked).values()) == len(expected), asked
                if found:
                    place = review_queue.place_of(found[0])
                    rest = review_queue.page(session, asked, after=place)
                    assert [listed.item.id for listed in rest] == [one.id for one in found[1:]]


def test_the_database_counts_along_whatever_becomes_of_an_item(engine: Engine) -> None:
    contract = read(engine)
    start = _checked(engine, contract)
    assert start.done == 0

    def decided(act: Callable[..., object], title: str, **how: object) -> Counts:
        with writing(engine) as session:
            one = item(session, title)
            act(session, one.id, one.version, ANNA, NOW, **how)
        return _checked(engine, contract)

    assert decided(accept, "First instalment") == Counts(start.total, 1)
    assert decided(reject, "Second instalment", reason="no") == Counts(start.total, 2)
    with writing(engine) as session:
        undo(session, ANNA, NOW)
    assert _checked(engine, contract) == Counts(start.total, 1)
    assert decided(correct, "Review meeting", change=Change(title="Review of prices")) == Counts(start.total, 2)
    read(engine, outcome(milestones=()), ruleset="r2")
    assert _checked(engine, contract) == Counts(start.total - 2, 2), "what is superseded counts no more"
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM review_item WHERE subject = 'milestone'"))
    assert _checked(engine, contract).done == 0


def test_a_decision_that_is_rolled_back_leaves_the_counts_as_they_were(engine: Engine) -> None:
    contract = read(engine)
    start = _checked(engine, contract)
    with writing(engine) as session:
        one = item(session, "First instalment")
        accept(session, one.id, one.version, ANNA, NOW)
        session.rollback()
    assert _checked(engine, contract) == start


def _checked(engine: Engine, contract: str) -> Counts:
    """What the database has counted, which must be what there is to count; and the words it has kept."""
    with reading(engine) as session:
        items = session.exec(select(ReviewItem).where(ReviewItem.contract_id == contract)).all()
        counted = [one for one in items if one.state in OPEN + DONE]
        expected = Counts(len(counted), sum(one.state in DONE for one in counted))
        kept = session.get_one(ReviewProgress, contract)
        assert Counts(kept.total, kept.done) == expected
        assert review_queue.counts(session, EVERYTHING) == expected
        assert review_queue.contract_counts(session, [contract, "another"]) == {
            contract: expected,
            "another": Counts(0, 0),
        }
        texts = {row.item_id: row.text for row in session.exec(select(ReviewText))}
        assert texts == {one.id: "\n".join(words(one)) for one in items}
    return expected
