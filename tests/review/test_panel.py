"""What the panel says of an item: the derivation as links to passages, what hangs on it, what it waits for."""

import datetime as dt

from sqlalchemy import Engine
from sqlmodel import Session

from models.actor import Actor
from models.contract import MilestoneKind
from models.dateexpr import Ambiguous, Fixed, Shift
from models.period import Direction
from review.deciding import accept
from review.panel import Panel, panel
from review.resolving import PLAIN, load_contract, load_standing
from review.supplying import supply
from store.engine import reading, writing
from tests.review.desk import ACCEPTANCE, ANNA, NOW, VERA, days, item, milestone, outcome, read


def look(session: Session, title: str, contract_id: str, actor: Actor = ANNA) -> Panel:
    standing = load_standing(session, load_contract(session, contract_id))
    return panel(session, standing, standing.items[item(session, title).id], actor, PLAIN)


def test_each_step_of_a_derivation_leads_to_the_passage_it_was_read_from(engine: Engine) -> None:
    contract = read(engine)
    with reading(engine) as session:
        shown = look(session, "Last day to give notice", contract)
        wanted = {name: item(session, name).id for name in ("Effective date", "Expiration date")}
    assert shown.chain is not None
    assert [(link.text, link.where, link.gives) for link in shown.chain.links] == [
        ("Effective date", "s. 1", "1 Oct 2024"),
        ("+ 36 months", "s. 9.1", "1 Oct 2027"),
        ("- 90 days", "s. 9.2", "3 Jul 2027"),
    ]
    assert [link.key for link in shown.chain.links] == [
        wanted["Effective date"],
        wanted["Expiration date"],
        shown.item.id,
    ]
    assert [link.last for link in shown.chain.links] == [False, False, True]


def test_a_term_tells_what_would_move_with_it(engine: Engine) -> None:
    contract = read(engine)
    with reading(engine) as session:
        shown = look(session, "Effective date", contract)
    assert [(move.title, move.when) for move in shown.moves] == [
        ("End of the initial term", "1 Oct 2027"),
        ("Last day to give notice", "3 Jul 2027"),
    ]


def test_a_fact_that_several_items_wait_for_is_named_once(engine: Engine) -> None:
    contract = read(engine)
    with reading(engine) as session:
        shown = look(session, "Second instalment", contract)
    [missing] = shown.missing
    assert (missing.anchor, missing.items) == (ACCEPTANCE, 2)
    with writing(engine) as session:
        supply(session, contract, ACCEPTANCE, dt.date(2026, 5, 4), ANNA, NOW)
    with reading(engine) as session:
        shown = look(session, "Second instalment", contract)
    assert shown.missing == ()
    assert shown.due == dt.date(2026, 6, 3)
    assert shown.chain is not None
    assert shown.chain.notes == ("Acceptance of the system: stated by Anna Berg",)


def test_both_readings_of_an_ambiguous_date_are_told(engine: Engine) -> None:
    readings = (Fixed(date=dt.date(2027, 3, 4)), Fixed(date=dt.date(2027, 4, 3)))
    expr = Ambiguous(readings=readings, why="03/04/2027")
    due = Shift(base=expr, period=days(10), direction=Direction.AFTER)
    one = milestone(MilestoneKind.PAYMENT, "Pay", 500, "ten days after 03/04/2027", due, vague=("promptly",))
    contract = read(engine, outcome(milestones=(one,)))
    with reading(engine) as session:
        shown = look(session, "Pay", contract)
    assert shown.due == dt.date(2027, 3, 14)
    assert shown.warnings == (
        "It can be read as 4 Mar 2027 or as 3 Apr 2027. The earliest is shown.",
        "Vague: “promptly”.",
    )


def test_a_conflict_is_told_until_somebody_decides(engine: Engine) -> None:
    contract = read(engine)
    with reading(engine) as session:
        shown = look(session, "Agreement date", contract)
    assert shown.open
    assert any("two ways that disagree" in warning for warning in shown.warnings)
    with writing(engine) as session:
        accept(session, shown.item.id, shown.item.version, ANNA, NOW)
    with reading(engine) as session:
        shown = look(session, "Agreement date", contract, VERA)
    assert not shown.open
    assert shown.warnings == ()
    assert not shown.may_decide
    assert [row.actor_name for row in shown.history] == ["Anna Berg"]
