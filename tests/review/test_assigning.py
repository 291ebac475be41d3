"""Handing items over: one, or what a filter shows; who may get them; and going on to what no colleague has open."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.actor import Actor, Role
from models.decision import Action, ItemState
from review.assigning import assign_all, assign_one, deciders
from review.deciding import accept
from review.errors import Forbidden, Invalid, StaleVersion
from review.stepping import first_free
from review.undoing import undo, undo_bulk
from store import accounts, presence
from store.engine import reading, writing
from store.review_queue import OPEN, QueueFilter, next_item, page, place_of
from store.review_tables import ReviewItem
from tests.review.desk import ADA, ANNA, BEN, NOW, VERA, item, outcome, read, trail


def add(engine: Engine, name: str, role: Role = Role.REVIEWER) -> str:
    with writing(engine) as session:
        return accounts.add_account(session, name, role, now=NOW).id


def test_items_go_to_who_may_decide_and_to_nobody_else(engine: Engine) -> None:
    read(engine)
    ben, vera, off = add(engine, "ben"), add(engine, "vera", Role.VIEWER), add(engine, "off")
    with writing(engine) as session:
        accounts.disable(session, accounts.account(session, "off"), now=NOW)
        assert [one.id for one in deciders(session)] == [ben]
        one = item(session, "First instalment")
        for nobody in (vera, off, "x" * 100, "\x00"):
            with pytest.raises(Invalid):
                assign_one(session, one.id, one.version, ANNA, NOW, assignee_id=nobody)
        with pytest.raises(Forbidden):
            assign_one(session, one.id, one.version, VERA, NOW, assignee_id=ben)
        given = assign_one(session, one.id, one.version, ANNA, NOW, assignee_id=ben)
        assert (given.assignee_id, given.version) == (ben, 2)
        with pytest.raises(StaleVersion):
            assign_one(session, one.id, 1, ANNA, NOW, assignee_id=None)
        undo(session, ANNA, NOW)
        assert item(session, "First instalment").assignee_id is None


def test_all_that_a_filter_shows_changes_hands_and_comes_back_as_one(engine: Engine) -> None:
    for name in ("a.pdf", "b.pdf"):
        read(engine, outcome(name))
    ben = add(engine, "ben")
    payments = QueueFilter(kinds=("payment",))
    with writing(engine) as session:
        decided = page(session, payments)[0].item
        accept(session, decided.id, decided.version, ANNA, NOW)
    done = assign_all(engine, payments, ADA, NOW, assignee_id=ben)
    assert (done.items, done.more) == (3, False)
    again = assign_all(engine, payments, ADA, NOW, assignee_id=ben)
    assert (again.items, again.more) == (0, False)
    with reading(engine) as session:
        found = session.exec(select(ReviewItem).where(ReviewItem.assignee_id == ben)).all()
        assert {(one.kind, one.state) for one in found} == {("payment", ItemState.PENDING)}
        rows = trail(session, Action.ASSIGN)
        assert {row.bulk_id for row in rows} == {done.bulk_id}
        assert len(rows) == 3
    with writing(engine) as session:
        assert len(undo_bulk(session, ADA, NOW, done.bulk_id).items) == 3
    with reading(engine) as session:
        assert page(session, QueueFilter(assignee=ben)) == []


def test_so_many_at_a_time_what_matters_most_first(engine: Engine) -> None:
    read(engine)
    ben = add(engine, "ben")
    with reading(engine) as session:
        first = [one.item.id for one in page(session, limit=2)]
    done = assign_all(engine, QueueFilter(), ADA, NOW, assignee_id=ben, most=2)
    assert (done.items, done.more) == (2, True)
    with reading(engine) as session:
        assert {one.item.id for one in page(session, QueueFilter(assignee=ben))} == set(first)


def test_what_is_decided_is_handed_to_nobody(engine: Engine) -> None:
    read(engine)
    done = assign_all(engine, QueueFilter(states=(ItemState.REJECTED,)), ADA, NOW, assignee_id=add(engine, "ben"))
    assert (done.items, done.more) == (0, False)


def test_the_next_item_is_one_that_no_colleague_has_open_while_there_is_any(engine: Engine) -> None:
    read(engine)
    which = QueueFilter(kinds=("payment",), states=OPEN)
    with writing(engine) as session:
        one, other = (listed.item for listed in page(session, which))
        presence.has_open(session, ANNA, one.id, NOW)

        def following(who: Actor, after: ReviewItem | None = None) -> str | None:
            found = first_free(session, which, who, NOW, after=place_of(after) if after else None)
            return found.id if found else None

        assert following(BEN) == other.id
        assert following(ANNA) == one.id
        assert following(BEN, after=other) == other.id
        presence.has_open(session, ADA, other.id, NOW)
        assert following(BEN) == one.id
        assert following(BEN, after=other) == one.id
        assert first_free(session, QueueFilter(kinds=("cure",)), BEN, NOW) is None
        assert next_item(session, which) is not None
