import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.contract import Milestone, MilestoneKind
from models.dateexpr import Anchor, AnchorName, Shift
from models.decision import Action, Change, ItemState
from models.period import Direction
from review.deciding import accept
from review.errors import Invalid, NotFound, StaleVersion
from review.groups import Choice, decide_group, group_size, groups, members
from review.undoing import undo, undo_bulk
from store.engine import reading, writing
from store.identity import contract_id
from tests.review.desk import ANNA, BEN, NOW, after, days, item, milestone, outcome, read, sha, trail

TITLE = "Last day to give notice"
SAME = "{} may end this Agreement by ninety (90) days' notice before the end of the term, in writing."


def notice(quote: str, count: int = 90) -> tuple[Milestone, ...]:
    expr = Shift(base=Anchor(name=AnchorName.TERM_END), period=days(count), direction=Direction.BEFORE)
    return (milestone(MilestoneKind.NOTICE, TITLE, 320, quote, expr, offset=days(count)),)


@pytest.fixture
def portfolio(engine: Engine) -> Engine:
    """Three contracts with one clause, one with another party in it, one with another period, one read otherwise."""
    for name, quote, count in (
        ("a", SAME.format("Customer"), 90),
        ("b", SAME.format("CUSTOMER").replace(",", " ,"), 90),
        ("c", SAME.format("Customer"), 60),
        ("d", SAME.format("Lessee"), 90),
        ("e", SAME.format("Customer").replace("ninety (90)", "sixty (60)"), 60),
    ):
        read(engine, outcome(f"{name}.pdf", milestones=notice(quote, count)))
    return engine


def of(name: str) -> str:
    return contract_id(sha(f"{name}.pdf"))


def choice(session: Session, name: str) -> Choice:
    found = item(session, TITLE, of(name))
    return Choice(found.id, found.version)


def test_identical_clauses_form_a_group_and_near_identical_ones_stand_beside_it(portfolio: Engine) -> None:
    with reading(portfolio) as session:
        [group] = [found for found in groups(session) if found.kind == "notice"]
        found = members(session, group.clause)
        assert group_size(session, item(session, TITLE, of("a"))) == 3
    assert (group.items, group.contracts, group.title) == (3, 3, TITLE)
    by_name = {one.contract.name: one for one in found.identical}
    assert set(by_name) == {"a.pdf", "b.pdf", "c.pdf"}
    assert by_name["a.pdf"].same_answer == by_name["b.pdf"].same_answer != by_name["c.pdf"].same_answer
    [near] = found.near
    assert (near.contract.name, near.differs) == ("d.pdf", "customer → lessee")
    assert 85 < near.likeness < 100


def test_a_group_is_decided_once_with_a_row_of_the_audit_for_each_and_undone_as_one(portfolio: Engine) -> None:
    with writing(portfolio) as session:
        chosen = [choice(session, name) for name in ("a", "b", "d")]
        done = decide_group(session, Action.ACCEPT, chosen, ANNA, NOW)
    assert {one.state for one in done.items} == {ItemState.ACCEPTED}
    with reading(portfolio) as session:
        rows = trail(session)
    assert [(row.action, row.bulk_id) for row in rows] == [("accept", done.bulk_id)] * 3
    with writing(portfolio) as session:
        undone = undo(session, ANNA, after(1))
    assert len(undone.items) == 3
    assert {one.state for one in undone.items} == {ItemState.PENDING}


def test_undoing_a_group_leaves_what_a_colleague_has_decided_since_and_names_it(portfolio: Engine) -> None:
    with writing(portfolio) as session:
        chosen = [choice(session, name) for name in ("a", "b")]
        done = decide_group(session, Action.REJECT, chosen, ANNA, NOW, reason="not tracked")
    with writing(portfolio) as session:
        accept(session, *choice(session, "a"), BEN, after(1))
    with writing(portfolio) as session:
        undone = undo_bulk(session, ANNA, after(2), done.bulk_id)
    assert [one.contract_id for one in undone.items] == [of("b")]
    assert [row.contract_id for row in undone.overtaken] == [of("a")]
    with writing(portfolio) as session, pytest.raises(NotFound):
        undo_bulk(session, ANNA, after(3), "nothing")


def test_a_group_is_corrected_with_each_date_by_its_own_contract(portfolio: Engine) -> None:
    with writing(portfolio) as session:
        chosen = [choice(session, name) for name in ("a", "b")]
        done = decide_group(session, Action.CORRECT, chosen, ANNA, NOW, change=Change(who="Customer"))
    assert {(one.state, one.due) for one in done.items} == {(ItemState.CORRECTED, dt.date(2027, 7, 3))}


def test_what_does_not_say_the_same_is_not_decided_together_and_nothing_is_decided_by_halves(portfolio: Engine) -> None:
    with writing(portfolio) as session, pytest.raises(Invalid, match="do not say the same"):
        decide_group(session, Action.ACCEPT, [choice(session, "a"), choice(session, "e")], ANNA, NOW)
    with reading(portfolio) as session:
        seen = [choice(session, name) for name in ("a", "b")]
    with writing(portfolio) as session:
        decide_group(session, Action.ACCEPT, seen[1:], BEN, NOW)
    with pytest.raises(StaleVersion, match="Ben Okoye"), writing(portfolio) as session:
        decide_group(session, Action.ACCEPT, seen, ANNA, after(1))
    with reading(portfolio) as session:
        assert item(session, TITLE, of("a")).state is ItemState.PENDING


@pytest.mark.parametrize(
    ("action", "names", "message"),
    [
        (Action.ACCEPT, [], "at least one"),
        (Action.ACCEPT, ["a", "a"], "named twice"),
        (Action.CORRECT, ["a"], "with a change"),
        (Action.UNDO, ["a"], "accepted, rejected, or corrected"),
        (Action.REJECT, ["a"], "Say why"),
    ],
)
def test_a_group_decision_that_makes_no_sense_is_refused(
    sqlite_engine: Engine, action: Action, names: list[str], message: str
) -> None:
    read(sqlite_engine, outcome("a.pdf", milestones=notice(SAME.format("Customer"))))
    with pytest.raises(Invalid, match=message), writing(sqlite_engine) as session:
        decide_group(session, action, [choice(session, name) for name in names], ANNA, NOW)


def test_a_clause_that_nobody_waits_with_any_more_is_gone(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session, pytest.raises(NotFound):
        members(session, "nothing")
