import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.actor import Actor, Role
from models.decision import Change, ItemState, Timing
from review.deciding import accept, assign, correct, reject
from review.errors import Invalid, ReviewError, StaleVersion
from review.supplying import supply
from review.undoing import undo
from store.engine import reading, writing
from store.review_tables import ReviewItem, SuppliedFact
from tests.review.desk import ACCEPTANCE, NOW, TODAY, item, read, trail

NOTICE = "Last day to give notice"
END = "Expiration date"
TOGETHER = 16


def people(count: int = TOGETHER) -> list[Actor]:
    return [Actor(id=f"p{number}", name=f"Person {number}", role=Role.REVIEWER) for number in range(count)]


def at_once(engine: Engine, acts: list[Callable[[Session], Any]]) -> list[Any]:
    """What each of several people gets who act in the same moment, each in a transaction of their own."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def work(number: int) -> None:
        start.wait()
        try:
            with writing(engine) as session:
                results[number] = acts[number](session)
        except Exception as error:  # whatever it is, the test looks at it
            results[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_sixteen_decisions_on_one_item_in_one_moment_exactly_one_succeeds(engine: Engine) -> None:
    read(engine)
    with reading(engine) as session:
        seen = item(session, NOTICE)

    def decision(who: Actor) -> Callable[[Session], Any]:
        if int(who.id[1:]) % 2:
            return lambda session: accept(session, seen.id, seen.version, who, NOW)
        return lambda session: reject(session, seen.id, seen.version, who, NOW, reason="no")

    results = at_once(engine, [decision(who) for who in people()])
    won = [result for result in results if isinstance(result, ReviewItem)]
    lost = [result for result in results if isinstance(result, StaleVersion)]
    assert (len(won), len(lost)) == (1, TOGETHER - 1)
    assert {error.decided_by for error in lost} == {won[0].decided_by_name}
    with reading(engine) as session:
        [row] = trail(session)
        assert (row.actor_id, item(session, NOTICE).version) == (won[0].decided_by, seen.version + 1)


def test_of_sixteen_people_who_state_a_fact_in_one_moment_one_is_believed_and_dates_move_once(engine: Engine) -> None:
    contract_id = read(engine)
    acts: list[Callable[[Session], Any]] = [
        lambda session, who=who: supply(session, contract_id, ACCEPTANCE, TODAY, who, NOW)  # type: ignore[misc]
        for who in people()
    ]
    results = at_once(engine, acts)
    assert sum(isinstance(result, Invalid) for result in results) == TOGETHER - 1
    with reading(engine) as session:
        assert len(session.exec(select(SuppliedFact)).all()) == 1
        assert [row.action for row in trail(session)] == ["supply", "redate", "redate"]


def test_decisions_on_different_items_of_one_contract_do_not_lose_each_other(engine: Engine) -> None:
    read(engine)
    with reading(engine) as session:
        seen = {one.title: one for one in session.exec(select(ReviewItem))}
    moved = Change(timing=Timing(date=TODAY.replace(year=2029)))
    anna, ben, cleo, dora = people(4)
    acts: list[Callable[[Session], Any]] = [
        lambda session: correct(session, seen[END].id, seen[END].version, anna, NOW, moved),
        lambda session: accept(session, seen["First instalment"].id, seen["First instalment"].version, ben, NOW),
        lambda session: accept(session, seen["Agreement date"].id, seen["Agreement date"].version, cleo, NOW),
        lambda session: assign(
            session, seen["Renewal term"].id, seen["Renewal term"].version, dora, NOW, assignee_id="dora"
        ),
    ]
    assert not [result for result in at_once(engine, acts) if isinstance(result, Exception)]
    with reading(engine) as session:
        found = {one.title: one for one in session.exec(select(ReviewItem))}
    assert found[END].state is ItemState.CORRECTED
    assert found["First instalment"].state is ItemState.ACCEPTED
    assert found["Agreement date"].state is ItemState.ACCEPTED
    assert found["Renewal term"].assignee_id == "dora"
    assert found[NOTICE].due == dt.date(2028, 12, 2)


def test_a_decision_is_undone_once_however_many_ask(engine: Engine) -> None:
    read(engine)
    [anna] = people(1)
    with writing(engine) as session:
        found = item(session, NOTICE)
        accept(session, found.id, found.version, anna, NOW)
    with reading(engine) as session:
        [row] = trail(session)
    results = at_once(engine, [lambda session: undo(session, anna, NOW, row.id) for _ in range(6)])
    assert sum(isinstance(result, ReviewError) for result in results) == 5
    with reading(engine) as session:
        assert [one.action for one in trail(session)] == ["accept", "undo"]
        assert item(session, NOTICE).state is ItemState.PENDING


@pytest.mark.parametrize("times", [3])
def test_a_key_that_is_held_decides_once(sqlite_engine: Engine, times: int) -> None:
    read(sqlite_engine)
    [anna] = people(1)
    with reading(sqlite_engine) as session:
        seen = item(session, NOTICE)
    refused = 0
    for _ in range(times):
        try:
            with writing(sqlite_engine) as session:
                accept(session, seen.id, seen.version, anna, NOW)
        except StaleVersion:
            refused += 1
    assert refused == times - 1
