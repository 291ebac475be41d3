"""An amendment that has just arrived: the reminders of what it changes say so, until somebody has decided."""

import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.contract import Outcome
from models.contract_resolution import resolve_contract
from review.deciding import accept
from store.engine import reading, writing
from store.tracking_tables import OccurrenceRow
from tests.review.desk import ANNA, item, milestones
from tests.store.test_store_amending import NOTICE, REPLACED, amendment, master, named, save
from tests.store.test_store_rereads import Portfolio, with_notice
from tests.tracking.building import Outbox, at, context, staff
from tracking.confirmed import confirmed_contracts
from tracking.feeds import everything
from tracking.filtering import Judged
from tracking.overview import coming
from tracking.running import remind
from tracking.webhooks import body_of

BEFORE = at("2026-03-02")
MORNING = at("2027-04-02", 5)
"""The notice is due on 3 July 2027; one reminder goes out on the Friday before the ninetieth day."""


def run(engine: Engine, outbox: Outbox, now: dt.datetime) -> None:
    remind(engine, confirmed_contracts, {"email": outbox}, context(), lambda: now)


@pytest.fixture
def tracked(engine: Engine) -> Engine:
    """A notice that was confirmed and is tracked; what fell due before this day was sent."""
    staff(engine)
    with writing(engine) as session:
        save(session, master())
        for title in ("Effective date", "Expiration date", "Notice period", NOTICE):
            found = item(session, title)
            accept(session, found.id, found.version, ANNA, BEFORE)
    run(engine, Outbox(), BEFORE)
    run(engine, Outbox(), MORNING - dt.timedelta(days=2))
    return engine


def arrive(engine: Engine, outcome: Outcome) -> None:
    with writing(engine) as session:
        save(session, outcome, MORNING)


def about_notice(outbox: Outbox) -> list[str]:
    return [message.text for message in outbox.messages if NOTICE in message.text]


def test_a_reminder_due_today_is_sent_as_ever_where_nothing_amends_the_contract(tracked: Engine) -> None:
    outbox = Outbox()
    run(tracked, outbox, at("2027-04-02", 8))
    assert about_notice(outbox)
    assert "amendment" not in "".join(about_notice(outbox))


@pytest.mark.parametrize("certain", [True, False])
def test_a_reminder_due_today_is_not_sent_unwarned_when_the_amendment_came_this_morning(
    tracked: Engine, certain: bool
) -> None:
    arrive(tracked, amendment(REPLACED, certain=certain))
    outbox = Outbox()
    run(tracked, outbox, at("2027-04-02", 8))
    assert about_notice(outbox), "the reminder of the day that may still hold is sent"
    assert all("An amendment is under review (amendment.pdf)" in text for text in about_notice(outbox))
    html = "".join(message.html for message in outbox.messages)
    assert "An amendment is under review" in html


def test_once_it_is_decided_the_day_moves_and_the_warning_is_gone(tracked: Engine) -> None:
    arrive(tracked, amendment(REPLACED))
    with writing(tracked) as session:
        for title in ("Notice period", NOTICE):
            found = item(session, title)
            accept(session, found.id, found.version, ANNA, MORNING)
    outbox = Outbox()
    run(tracked, outbox, at("2027-04-02", 8))
    with reading(tracked) as session:
        (row,) = session.exec(select(OccurrenceRow).where(OccurrenceRow.kind == "notice", OccurrenceRow.cycle == 1))
    assert row.due == dt.date(2027, 6, 23)
    assert "under review" not in "".join(about_notice(outbox))


@pytest.mark.parametrize("certain", [True, False])
def test_webhooks_calendars_and_lists_warn_as_mail_does(tracked: Engine, certain: bool) -> None:
    judged = Judged(MORNING.date(), 14)
    with reading(tracked) as session:
        assert b"under review" not in everything(session, MORNING.date(), None)
        assert not [line for line in coming(session, judged, 120) if line.warning]
    arrive(tracked, amendment(REPLACED, certain=certain))
    outbox = Outbox()
    run(tracked, outbox, at("2027-04-02", 8))
    told = [one["warning"] for message in outbox.messages for one in body_of(message)["about"]]
    assert any(said and said.startswith("An amendment is under review (amendment.pdf)") for said in told)
    with reading(tracked) as session:
        calendar = everything(session, MORNING.date(), None).replace(b"\r\n ", b"")
        warned = [line.row.title for line in coming(session, judged, 120) if line.warning]
    assert b"An amendment is under review (amendment.pdf)" in calendar
    assert NOTICE in warned


def test_what_an_accepted_new_reading_opened_again_warns_until_it_is_decided(tracked: Engine) -> None:
    judged = Judged(MORNING.date(), 14)
    terms, due = resolve_contract((*with_notice(60).terms, named()), milestones())
    with reading(tracked) as session:
        contract_id = item(session, NOTICE).contract_id
    portfolio = Portfolio(tracked, contract_id)
    portfolio.reread(master().model_copy(update={"terms": terms, "milestones": due}))

    def warned() -> set[str]:
        with reading(tracked) as session:
            return {line.row.title for line in coming(session, judged, 120) if line.warning}

    assert warned() == set(), "nobody has accepted the new reading"
    portfolio.decide()
    outbox = Outbox()
    run(tracked, outbox, at("2027-04-02", 8))
    assert about_notice(outbox)
    assert all("A new reading of the contract is under review" in text for text in about_notice(outbox))
    assert NOTICE in warned()
    portfolio.confirm("Notice period")
    assert warned() == set()
