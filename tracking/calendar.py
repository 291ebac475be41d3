"""Deadlines as an iCalendar (RFC 5545): whole days that keep their UID when they move, with alarms.

A calendar program knows an event by its UID and takes over a change when SEQUENCE has grown; both come from the
occurrence and its version, so a moved deadline moves instead of standing there twice.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from icalendar import Alarm, Calendar, Event

from models.derivation import date_words

DOMAIN = "milepost"
MEDIA_TYPE = "text/calendar; charset=utf-8"

_REFRESH = dt.timedelta(hours=6)
"""How often a calendar program is asked to look again; many keep to times of their own."""

_MORNING = dt.timedelta(hours=9)
"""When on its day an alarm rings: an event without a time begins at midnight."""

_PRODUCT = "-//milepost//deadlines//EN"


class Entry(NamedTuple):
    """A deadline as a calendar shows it.

    ``day`` is the last day to act. ``version`` counts from 1 and grows with every change. ``tentative``: the day is
    only expected. ``alarms`` are days before ``day``.
    """

    id: str
    version: int
    changed: dt.datetime
    day: dt.date
    title: str
    contract: str
    kind: str
    due: dt.date
    send_by: dt.date | None = None
    counterparty: str | None = None
    owner: str | None = None
    tentative: bool = False
    alarms: Sequence[int] = ()
    link: str | None = None
    warning: str | None = None


def calendar_of(entries: Iterable[Entry], name: str) -> bytes:
    """A calendar with an event for each entry, as bytes that a calendar program reads."""
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", _REFRESH)
    for entry in entries:
        made.add_component(_event(entry))
    content: bytes = made.to_ical()
    return content


def uid(occurrence_id: str) -> str:
    """By which calendar programs know an occurrence, for ever."""
    return f"{occurrence_id}@{DOMAIN}"


def _event(entry: Entry) -> Event:
    made = Event()
    made.add("uid", uid(entry.id))
    made.add("sequence", entry.version - 1)
    # Not the moment of the export: the same calendar gives the same bytes.
    made.add("dtstamp", entry.changed)
    made.add("last-modified", entry.changed)
    made.add("dtstart", entry.day)
    made.add("dtend", entry.day + dt.timedelta(days=1))
    made.add("summary", f"{entry.title} ({entry.contract})")
    made.add("description", "\n".join(_details(entry)))
    made.add("categories", [entry.kind])
    made.add("status", "TENTATIVE" if entry.tentative else "CONFIRMED")
    # Nobody is busy all day because something is due.
    made.add("transp", "TRANSPARENT")
    if entry.link:
        made.add("url", entry.link)
    for days in sorted(set(entry.alarms), reverse=True):
        made.add_component(_alarm(entry, days))
    return made


def _alarm(entry: Entry, days: int) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", f"{entry.title}: {date_words(entry.day)}")
    made.add("trigger", _MORNING - dt.timedelta(days=days))
    return made


def _details(entry: Entry) -> list[str]:
    lines = [entry.warning] if entry.warning else []
    lines += [f"Contract: {entry.contract}", f"Kind: {entry.kind}"]
    if entry.counterparty:
        lines.append(f"With: {entry.counterparty}")
    if entry.send_by:
        lines += [f"Send by: {date_words(entry.send_by)}", f"Deadline: {date_words(entry.due)}"]
    else:
        lines.append(f"Due: {date_words(entry.due)}")
    if entry.tentative:
        lines.append("Expected: it waits for something else, and may move.")
    if entry.owner:
        lines.append(f"Owner: {entry.owner}")
    if entry.link:
        lines.append(entry.link)
    return lines
