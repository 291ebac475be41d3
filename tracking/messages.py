"""The words of reminders: text and HTML that say the same.

A message names the milestone, its contract and its day, and no other words of the contract unless the policy allows
it (``delivery.text: full``): mail passes through many hands.
"""

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from models.derivation import date_words
from models.tracked import Purpose

_KINDS = {"notice": "Notice", "report": "Report", "cure": "Cure period"}


class Item(NamedTuple):
    """One thing a message speaks of."""

    purpose: Purpose
    kind: str
    title: str
    contract: str
    counterparty: str | None
    due: dt.date
    send_by: dt.date | None
    rung: int | None
    note: str | None = None
    derivation: str | None = None
    warning: str | None = None
    amount: str | None = None
    owner: str | None = None
    link: str | None = None
    acts: tuple[tuple[str, str], ...] = ()
    """What can be done by a link, in words, and the link."""

    @property
    def act_by(self) -> dt.date:
        """The last day to act."""
        return self.send_by or self.due


class Words(NamedTuple):
    """A message in words."""

    subject: str
    text: str
    html: str


def about_one(item: Item, today: dt.date, name: str) -> Words:
    """A message about one thing."""
    subject = f"{_prefix(item)}{_headline(item, today)}"
    return Words(subject, *_bodies(_opening(item), [item], today, name))


def about_several(items: Sequence[Item], today: dt.date, name: str) -> Words:
    """A message about several things, the most urgent first."""
    ordered = sorted(items, key=lambda item: (item.act_by, item.title))
    first = _headline(ordered[0], today)
    subject = f"{len(ordered)} reminders, first: {first}"
    return Words(subject, *_bodies("These are due or come near.", ordered, today, name))


def digest(items: Sequence[Item], today: dt.date, days: int, name: str) -> Words:
    """The weekly list: what is overdue, and what is due in so many days."""
    ordered = sorted(items, key=lambda item: (item.act_by, item.title))
    overdue = sum(item.act_by < today for item in ordered)
    subject = f"This week: {len(ordered)} open in the next {days} days" + (f", {overdue} overdue" if overdue else "")
    opening = f"What is open until {date_words(today + dt.timedelta(days=days))}."
    return Words(subject, *_bodies(opening, ordered, today, name))


def alert(subject: str, text: str, name: str) -> Words:
    """A message about the reminders themselves."""
    html = _page(f"<p>{escape(text)}</p>", name)
    return Words(subject, f"{text}\n\n{_closing(name)}\n", html)


def days_words(day: dt.date, today: dt.date) -> str:
    """``in 30 days``, ``today``, ``2 days ago``."""
    left = (day - today).days
    if left == 0:
        return "today"
    if abs(left) == 1:
        return "tomorrow" if left > 0 else "yesterday"
    return f"in {left} days" if left > 0 else f"{-left} days ago"


def _prefix(item: Item) -> str:
    return {
        Purpose.OVERDUE: "Overdue: ",
        Purpose.DEPUTY: "Nobody has acted yet: ",
        Purpose.GROUP: "Nobody has acted yet: ",
        Purpose.HANDOVER: "Yours now: ",
        Purpose.ALERT: "A reminder may not have arrived: ",
    }.get(item.purpose, "")


def _opening(item: Item) -> str:
    whose = f" of {item.owner}" if item.owner else ""
    return {
        Purpose.OVERDUE: "This has not been done.",
        Purpose.DEPUTY: f"A reminder{whose} was not acknowledged; you are the deputy.",
        Purpose.GROUP: f"A reminder{whose} was not acknowledged, nor by a deputy.",
        Purpose.SNOOZED: "You asked to be reminded today.",
        Purpose.HANDOVER: "This is yours now.",
        Purpose.ALERT: "It is not known whether a reminder of this arrived.",
    }.get(item.purpose, "This comes near.")


def _headline(item: Item, today: dt.date) -> str:
    verb = "send by" if item.send_by else "due"
    return f"{item.title} ({item.contract}): {verb} {date_words(item.act_by)}, {days_words(item.act_by, today)}"


def _details(item: Item) -> list[tuple[str, str]]:
    rows = [("Contract", item.contract), ("Kind", _KINDS.get(item.kind, item.kind.capitalize()))]
    if item.warning:
        rows.append(("Warning", item.warning))
    if item.counterparty:
        rows.append(("With", item.counterparty))
    if item.send_by:
        rows += [("Send by", date_words(item.send_by)), ("Deadline", date_words(item.due))]
    else:
        rows.append(("Due", date_words(item.due)))
    if item.amount:
        rows.append(("Amount", item.amount))
    if item.note:
        rows.append(("Note", item.note))
    if item.derivation:
        rows.append(("Because", item.derivation))
    if item.link:
        rows.append(("Open", item.link))
    return rows


def _bodies(opening: str, items: Sequence[Item], today: dt.date, name: str) -> tuple[str, str]:
    text = [opening, ""]
    blocks = [f"<p>{escape(opening)}</p>"]
    for item in items:
        text.append(_headline(item, today))
        text += [f"  {label}: {value}" for label, value in (*_details(item), *item.acts)]
        text.append("")
        blocks.append(f"<h2>{escape(_headline(item, today))}</h2>{_table(item)}")
    return "\n".join([*text, _closing(name), ""]), _page("".join(blocks), name)


def _table(item: Item) -> str:
    rows = "".join(
        f'<tr><th scope="row" align="left">{escape(label)}</th><td>{_cell(label, value)}</td></tr>'
        for label, value in _details(item)
    )
    acts = " | ".join(f'<a href="{escape(link)}">{escape(words)}</a>' for words, link in item.acts)
    return f'<table cellpadding="4">{rows}</table>' + (f"<p>{acts}</p>" if acts else "")


def _cell(label: str, value: str) -> str:
    return f'<a href="{escape(value)}">{escape(value)}</a>' if label == "Open" else escape(value)


def _closing(name: str) -> str:
    return f"Sent to {name} by milepost."


def _page(body: str, name: str) -> str:
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>milepost</title></head>'
    return f"{head}<body>{body}<p><small>{escape(_closing(name))}</small></p></body></html>\n"
