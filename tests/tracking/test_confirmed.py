"""From a decision in review to a reminder: what is confirmed is tracked, and nothing else is."""

import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.decision import Change, Timing
from models.tracked import OccurrenceState, Report
from review.deciding import accept, correct, reject
from review.supplying import supply
from store.engine import reading, writing
from store.tracking_tables import OccurrenceRow, TrackedContractRow
from tests.review.desk import ACCEPTANCE, ADA, ANNA, item, read
from tests.tracking.building import Outbox, at, context
from tracking.confirmed import confirmed_contracts
from tracking.running import remind

NOTICE = "Last day to give notice"
MARCH = at("2026-03-02")


class Tracker:
    """A contract that was read, and runs of the reminders over what people confirm of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.contract_id = engine, read(engine)
        self.moment = MARCH

    def confirm(self, *titles: str) -> None:
        for title in titles:
            with writing(self.engine) as session:
                found = item(session, title)
                accept(session, found.id, found.version, ANNA, self.moment)

    def run(self) -> Report:
        self.moment += dt.timedelta(hours=1)
        return remind(self.engine, confirmed_contracts, {"email": Outbox()}, context(), lambda: self.moment)

    def occurrences(self) -> dict[str, tuple[str | None, str]]:
        with reading(self.engine) as session:
            rows = session.exec(select(OccurrenceRow)).all()
        return {row.title: (str(row.due) if row.due else None, str(row.state)) for row in rows}


@pytest.fixture
def tracker(engine: Engine) -> Tracker:
    return Tracker(engine)


def test_what_nobody_confirmed_is_not_tracked(tracker: Tracker) -> None:
    assert tracker.run().contracts == 0
    tracker.confirm("First instalment")
    assert tracker.run().contracts == 1
    assert tracker.occurrences() == {"First instalment": ("2027-01-15", "planned")}


def test_a_day_that_was_confirmed_is_tracked_before_the_terms_it_was_counted_from_are(tracker: Tracker) -> None:
    tracker.confirm(NOTICE)
    tracker.run()
    assert tracker.occurrences() == {NOTICE: ("2027-07-03", "planned")}
    with reading(tracker.engine) as session:
        first = session.exec(select(OccurrenceRow)).one().id
    tracker.confirm("Effective date", "Expiration date")
    tracker.run()
    with reading(tracker.engine) as session:
        found = session.exec(select(OccurrenceRow).where(OccurrenceRow.title == NOTICE)).one()
    assert (found.id, found.cycle) == (first, 1), "it stays the same occurrence"


def test_a_correction_moves_what_is_tracked(tracker: Tracker) -> None:
    tracker.confirm("Effective date", "Expiration date", NOTICE)
    tracker.run()
    with writing(tracker.engine) as session:
        found = item(session, "First instalment")
        change = Change(timing=Timing(date=dt.date(2027, 2, 1)))
        correct(session, found.id, found.version, ANNA, tracker.moment, change)
    assert tracker.run().contracts == 1
    assert tracker.occurrences()["First instalment"] == ("2027-02-01", "planned")
    assert tracker.run().contracts == 0, "nothing was decided since"


def test_a_supplied_fact_gives_what_was_blocked_its_day(tracker: Tracker) -> None:
    tracker.confirm("Second instalment")
    tracker.run()
    assert tracker.occurrences() == {"Second instalment": (None, "blocked")}
    with writing(tracker.engine) as session:
        supply(session, tracker.contract_id, ACCEPTANCE, dt.date(2026, 5, 3), ANNA, tracker.moment)
    tracker.run()
    assert tracker.occurrences() == {"Second instalment": ("2026-06-02", "planned")}


def test_what_was_confirmed_and_then_rejected_is_superseded(tracker: Tracker) -> None:
    tracker.confirm("First instalment")
    tracker.run()
    with writing(tracker.engine) as session:
        found = item(session, "First instalment")
        reject(session, found.id, found.version, ADA, tracker.moment, reason="paid already")
    tracker.run()
    with reading(tracker.engine) as session:
        row = session.exec(select(OccurrenceRow)).one()
    assert row.state is OccurrenceState.SUPERSEDED


def test_the_contract_tracked_is_named_by_its_confirmed_title(tracker: Tracker) -> None:
    tracker.confirm("First instalment", "Title")
    tracker.run()
    with reading(tracker.engine) as session:
        assert session.exec(select(TrackedContractRow.title)).one() == "Supply Agreement"
