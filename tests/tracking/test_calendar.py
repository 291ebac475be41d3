"""Calendars: read back by a calendar parser, and what becomes of an event whose day moves."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import Engine
from sqlmodel import select

from models.tracked import Proof
from store.engine import reading, writing
from store.tracking_feeds import open_feed, revoke_feeds
from store.tracking_tables import CalendarFeed, TrackedContractRow
from tests.models.building import day
from tests.review.doors import program
from tests.tracking.building import START, at, contract, effective, milestone, perpetual
from tests.tracking.office import Office
from tracking.calendar import Entry, calendar_of
from tracking.feeds import everything, feed
from tracking.web_calendar import calendar_router

ENTRY = Entry(
    id="0a1b",
    version=1,
    changed=START,
    day=day("2026-06-30"),
    title="Deliver; the goods, all of them – “in one lot”",
    contract="Supply\\Agreement " + "with a very long name " * 6,
    kind="delivery",
    due=day("2026-06-30"),
    alarms=(30, 1, 1),
    link="https://milepost.example.com/occurrences/0a1b",
)


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).events)


def test_an_event_is_a_whole_day_and_says_all_that_went_in() -> None:
    (event,) = events(calendar_of([ENTRY], "Deadlines"))
    assert event.start == day("2026-06-30")
    assert event.end == day("2026-07-01")
    assert not isinstance(event.start, dt.datetime)
    assert str(event["summary"]) == f"{ENTRY.title} ({ENTRY.contract})"
    assert str(event["url"]) == ENTRY.link
    assert (event["uid"], event["sequence"]) == ("0a1b@milepost", 0)


def test_lines_are_short_and_end_as_the_standard_says() -> None:
    lines = calendar_of([ENTRY], "Deadlines").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)


def test_an_alarm_rings_in_the_morning_so_many_days_before() -> None:
    (event,) = events(calendar_of([ENTRY], "Deadlines"))
    triggers = [alarm["trigger"].dt for alarm in event.walk("VALARM")]
    assert triggers == [dt.timedelta(days=-30, hours=9), dt.timedelta(days=-1, hours=9)]


def test_programs_are_asked_to_look_again() -> None:
    calendar: Any = Calendar.from_ical(calendar_of([], "Deadlines"))
    assert calendar["refresh-interval"].dt == dt.timedelta(hours=6)


def test_the_same_entries_give_the_same_bytes() -> None:
    assert calendar_of([ENTRY], "Deadlines") == calendar_of([ENTRY], "Deadlines")


@pytest.fixture
def office(engine: Engine) -> Office:
    goods = milestone("goods", "delivery", date="2026-06-30")
    office = Office(engine, [contract("Supply", effective("2025-01-01"), perpetual(), milestones=[goods])])
    office.run(START)
    return office


def read(office: Office) -> list[Any]:
    with reading(office.engine) as session:
        return [event for event in events(everything(session, START.date(), None)) if event["categories"]]


def goods(office: Office) -> Any:
    (found,) = [event for event in read(office) if "The goods" in event["summary"]]
    return found


def test_a_deadline_that_moves_is_the_same_event_with_a_higher_sequence(office: Office) -> None:
    before = goods(office)
    later = milestone("goods", "delivery", date="2026-07-15")
    office.portfolio.put(contract("Supply", effective("2025-01-01"), perpetual(), milestones=[later]))
    with writing(office.engine) as session:
        row = session.get(TrackedContractRow, next(iter(office.portfolio.contracts)))
        assert row is not None
        row.check_on = START.date()
        session.add(row)
    office.run(at("2026-01-06"))
    after = goods(office)
    assert after["uid"] == before["uid"]
    assert (before.start, after.start) == (day("2026-06-30"), day("2026-07-15"))
    assert after["sequence"] > before["sequence"]


def test_a_calendar_program_finds_the_deadline_on_its_day(office: Office) -> None:
    with reading(office.engine) as session:
        calendar = Calendar.from_ical(everything(session, START.date(), None))
    found = recurring_ical_events.of(calendar).at(dt.datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("UTC")))
    assert [str(event["summary"]) for event in found] == ["The goods (Supply)"]


def test_what_is_done_leaves_the_calendar(office: Office) -> None:
    row = office.occurrence("delivery")
    with writing(office.engine) as session:
        office.desk.done(session, row.id, Proof(note="arrived"), by="anna", now=START)
    assert not [event for event in read(office) if "The goods" in event["summary"]]


def test_a_feed_shows_what_is_its_owners_until_it_is_revoked(office: Office) -> None:
    owner, other = office.owner("procurement"), office.owner("finance")
    with writing(office.engine) as session:
        token = open_feed(session, owner, by="anna", now=START)
        others = open_feed(session, other, by="anna", now=START)
    with reading(office.engine) as session:
        mine = feed(session, token, START.date(), None)
        theirs = feed(session, others, START.date(), None)
    assert mine is not None
    assert theirs is not None
    assert len(events(mine)) == 1
    assert not events(theirs)
    with writing(office.engine) as session:
        assert revoke_feeds(session, owner, now=START) == 1
    with reading(office.engine) as session:
        assert feed(session, token, START.date(), None) is None
        assert feed(session, others, START.date(), None) is not None
        assert feed(session, "", START.date(), None) is None


def test_the_database_does_not_hold_the_secret(office: Office) -> None:
    with writing(office.engine) as session:
        token = open_feed(session, office.owner("legal"), by="anna", now=START)
        row = session.exec(select(CalendarFeed)).one()
    assert token not in str(row.model_dump())


def test_a_reminder_by_mail_comes_with_the_calendar_entry(office: Office) -> None:
    row = office.occurrence("delivery")
    office.run(at("2026-06-29"))
    (message,) = [one for one in office.outbox.messages if one.thread == row.id][-1:]
    (part,) = message.parts
    assert (part.media_type, part.name) == ("text/calendar", "deadline.ics")
    (event,) = events(part.content)
    assert event["uid"] == f"{row.id}@milepost"


def test_the_feed_is_served_to_whoever_has_its_address(office: Office) -> None:
    app = FastAPI()
    app.include_router(calendar_router(office.engine, lambda: START, None))
    with writing(office.engine) as session:
        token = open_feed(session, office.owner("procurement"), by="anna", now=START)
    with program(app) as client:
        answer = client.get(f"/calendar/{token}.ics")
        again = client.get(f"/calendar/{token}.ics", headers={"if-none-match": answer.headers["etag"]})
        wrong = client.get(f"/calendar/{token[:-1]}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [str(event["summary"]) for event in events(answer.content)] == ["The goods (Supply)"]
    assert (again.status_code, again.content, wrong.status_code) == (304, b"", 404)
