import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.contract import Milestone, MilestoneKind
from models.dateexpr import Fixed
from models.decision import ItemState
from models.proportion import wilson
from review import autoaccept
from review.autoaccept import AutoAccept, Bar, broken_promise
from review.deciding import accept, reject
from review.errors import Forbidden, Invalid
from review.undoing import undo_bulk
from store.engine import reading, writing
from store.review_tables import ReviewItem
from tests.review.desk import ADA, ANNA, NOW, after, milestone, outcome, read, trail

POLICY = AutoAccept(on=True, precision=0.8, fewest=20, sample=0.25)
COUNT = 40


def payments(confidence: float, first: int = 0) -> tuple[Milestone, ...]:
    """Payments the program is as sure of as that, each on a day of its own."""
    return tuple(
        milestone(
            MilestoneKind.PAYMENT,
            f"Payment {number}",
            2000 + 100 * number,
            f"Instalment number {number} of the price is due on that day of the schedule.",
            Fixed(date=dt.date(2027, 1, 1) + dt.timedelta(days=number)),
            confidence=confidence,
        )
        for number in range(first, first + COUNT)
    )


def waiting(session: Session, contract_id: str) -> list[ReviewItem]:
    statement = select(ReviewItem).where(ReviewItem.contract_id == contract_id, ReviewItem.kind == "payment")
    return [item for item in session.exec(statement) if item.state is ItemState.PENDING]


def decide(engine: Engine, contract_id: str, wrong: int) -> None:
    """Decide all payments of a contract, so many of them as wrong."""
    with writing(engine) as session:
        for number, item in enumerate(waiting(session, contract_id)):
            if number < wrong:
                reject(session, item.id, item.version, ANNA, NOW, reason="wrong")
            else:
                accept(session, item.id, item.version, ANNA, NOW)


@pytest.fixture
def desk(engine: Engine) -> tuple[Engine, str]:
    """People accepted forty of forty sure payments and half of the unsure ones; forty sure ones wait."""
    sure = read(engine, outcome("a.pdf", milestones=payments(0.95)))
    unsure = read(engine, outcome("b.pdf", milestones=payments(0.6)))
    decide(engine, sure, wrong=0)
    decide(engine, unsure, wrong=COUNT // 2)
    return engine, read(engine, outcome("c.pdf", milestones=(*payments(0.95), *payments(0.6, COUNT))))


def switch_on(engine: Engine, policy: AutoAccept = POLICY) -> None:
    with writing(engine) as session:
        autoaccept.save(session, policy, autoaccept.load(session)[1], ADA, NOW)


def test_it_is_off_until_an_administrator_switches_it_on(desk: tuple[Engine, str]) -> None:
    engine, contract_id = desk
    with writing(engine) as session:
        assert not autoaccept.load(session)[0].on
        done = autoaccept.run(session, NOW)
        assert (done.accepted, done.sampled) == ([], 0)
        with pytest.raises(Forbidden):
            autoaccept.save(session, POLICY, 0, ANNA, NOW)
        assert len(waiting(session, contract_id)) == 2 * COUNT


def test_the_bar_is_where_peoples_decisions_prove_the_precision(desk: tuple[Engine, str]) -> None:
    engine, _ = desk
    with reading(engine) as session:
        [bar] = [bar for bar in autoaccept.bars(session, POLICY) if bar.kind == "payment"]
        assert bar == Bar("payment", 0.95, wilson(40, 40))
        [proved] = autoaccept.bars(session, POLICY.model_copy(update={"precision": 0.97}))
        assert proved.confidence is None


def test_it_accepts_above_the_bar_and_leaves_a_sample_and_all_else_to_people(desk: tuple[Engine, str]) -> None:
    engine, contract_id = desk
    switch_on(engine)
    with writing(engine) as session:
        done = autoaccept.run(session, after(1))
    assert len(done.accepted) + done.sampled == COUNT
    assert 3 <= done.sampled <= 20
    with reading(engine) as session:
        left = waiting(session, contract_id)
        rows = trail(session, "auto_accept")
        assert {row.bulk_id for row in rows} == {done.bulk_id}
        assert {(row.actor_name, row.reason) for row in rows} == {("milepost", "by policy, from a confidence of 0.95")}
    assert len(left) == COUNT + done.sampled
    assert sum(item.confidence > 0.9 for item in left) == done.sampled
    assert {item.confidence for item in done.accepted} == {0.95}
    with writing(engine) as session:
        again = autoaccept.run(session, after(2))
        assert (again.accepted, again.sampled) == ([], 0)
    with writing(engine) as session:
        undone = undo_bulk(session, ADA, after(3), done.bulk_id)
        assert len(undone.items) == len(done.accepted)


def test_it_measures_its_errors_by_what_people_say_of_the_sample(desk: tuple[Engine, str]) -> None:
    engine, contract_id = desk
    switch_on(engine)
    with writing(engine) as session:
        sampled = autoaccept.run(session, after(1)).sampled
    with writing(engine) as session:
        chosen = [item for item in waiting(session, contract_id) if item.sampled]
        reject(session, chosen[0].id, chosen[0].version, ANNA, after(2), reason="wrong")
        for item in chosen[1:]:
            accept(session, item.id, item.version, ANNA, after(2))
    with reading(engine) as session:
        found = autoaccept.standing(session)
    assert found.errors == wilson(1, sampled)
    assert found.accepted == COUNT - sampled
    assert found.policy.on


def test_it_switches_itself_off_when_the_sample_says_so(desk: tuple[Engine, str]) -> None:
    engine, contract_id = desk
    switch_on(engine)
    with writing(engine) as session:
        autoaccept.run(session, after(1))
    with writing(engine) as session:
        for item in waiting(session, contract_id):
            if item.sampled:
                reject(session, item.id, item.version, ANNA, after(2), reason="wrong")
    read(engine, outcome("d.pdf", milestones=payments(0.99)))
    with writing(engine) as session:
        done = autoaccept.run(session, after(3))
    assert (done.accepted, done.policy.on) == ([], False)
    with reading(engine) as session:
        policy, version = autoaccept.load(session)
        [_, row] = trail(session, "policy")
    assert policy.off_because is not None
    assert policy.off_because.startswith("People disagreed with ")
    assert (version, row.actor_name, row.reason) == (2, "milepost", policy.off_because)


def test_a_policy_that_a_colleague_changed_is_not_overwritten(sqlite_engine: Engine) -> None:
    switch_on(sqlite_engine)
    with writing(sqlite_engine) as session, pytest.raises(Invalid, match="has changed since you opened it"):
        autoaccept.save(session, POLICY, 0, ADA, NOW)


@pytest.mark.parametrize(
    ("errors", "total", "broken"),
    [(0, 0, False), (0, 100, False), (1, 19, False), (2, 100, False), (3, 100, True), (3, 5, True), (1, 20, True)],
)
def test_the_promise_is_broken_by_a_share_of_many_or_beyond_doubt_by_a_few(
    errors: int, total: int, broken: bool
) -> None:
    policy = AutoAccept(precision=0.98)
    assert (broken_promise(policy, wilson(errors, total)) is not None) is broken


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (1, 100, 0.0018, 0.0545),
    ],
)
def test_wilson_intervals_are_those_of_the_tables(count: int, total: int, low: float, high: float) -> None:
    found = wilson(count, total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
