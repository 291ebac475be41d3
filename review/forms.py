"""What a person types into the forms of the review, to and from what it means.

A field that was left as it was is no change: only what differs from what the form showed is taken over, so that
correcting a title never settles a date.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from pydantic import ValidationError

from models.contract import Milestone, MilestoneKind, Party, Recurrence, Renewal, Term, TermField
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Recurring, Shift, TermEnd, Window, Within
from models.decision import Change, Timing
from models.money import Amount
from models.period import Direction, Period, Unit
from review.errors import Invalid

Fields = dict[str, str]
"""A form: names to what is typed there."""

ANCHORS = {
    AnchorName.EFFECTIVE_DATE: "the effective date",
    AnchorName.AGREEMENT_DATE: "the date of the agreement",
    AnchorName.SIGNATURE: "signing",
    AnchorName.TERM_END: "the end of the current term",
    AnchorName.INITIAL_TERM_END: "the end of the initial term",
    AnchorName.RENEWAL_START: "the start of a renewal term",
    AnchorName.TERMINATION: "termination",
    AnchorName.NOTICE: "notice",
    AnchorName.INVOICE_RECEIPT: "receipt of the invoice",
    AnchorName.INVOICE_DATE: "the date of the invoice",
    AnchorName.DELIVERY: "delivery",
    AnchorName.ACCEPTANCE: "acceptance",
    AnchorName.EVENT: "another event",
}

UNITS = {
    "day": "days",
    "business_day": "business days",
    "week": "weeks",
    "month": "months",
    "quarter": "quarters",
    "year": "years",
}

_TIMING = (
    *("how", "date", "earliest", "latest", "count", "unit", "direction", "anchor", "event", "within"),
    *("recurrence", "until"),
)
_DATE_FIELDS = (TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE, TermField.EXPIRATION_DATE)

Read = TypeVar("Read")


def fields_of(value: Milestone | Term) -> Fields:
    """The form that shows a value."""
    if isinstance(value, Term):
        return _term_fields(value)
    timing = _timing_fields(value.expr, value.date or value.latest or value.earliest)
    if value.recurrence is not None:
        timing["recurrence"] = value.recurrence.value
    return {
        "kind": value.kind.value,
        "title": value.title,
        "who": value.who or "",
        "method": value.method or "",
        "criteria": value.criteria or "",
        **timing,
    }


def blank_milestone(title: str = "") -> Fields:
    """The form for a milestone that the program missed."""
    return {
        "kind": MilestoneKind.PAYMENT.value,
        "title": title,
        "who": "",
        "method": "",
        "criteria": "",
        **_timing_fields(None, None),
    }


def change_of(form: Mapping[str, str], value: Milestone | Term) -> Change:
    """What a filled-in form changes of a value. Raises ``Invalid`` with the field at fault."""
    if isinstance(value, Term):
        return _term_change(form, value)
    shown = fields_of(value)
    given = {name: form.get(name, "").strip() for name in shown}
    changed: dict[str, Any] = {
        name: given[name] for name in ("title", "who", "method", "criteria") if given[name] != shown[name]
    }
    if "title" in changed and not given["title"]:
        raise Invalid("Say in a few words what it is.", "title")
    if given["kind"] != shown["kind"]:
        changed["kind"] = _read(MilestoneKind, given["kind"], "kind", "There is no such kind.")
    if any(_same(given[name]) != _same(shown[name]) for name in _TIMING):
        changed["timing"] = timing_of(given)
    return _checked(changed)


def timing_of(form: Mapping[str, str]) -> Timing | None:
    """The time that a form states, None if it states none. Raises ``Invalid``."""
    how = form.get("how", "")
    recurrence = form.get("recurrence", "")
    parts: dict[str, Any] = {
        "recurrence": _read(Recurrence, recurrence, "recurrence", "There is no such rhythm.") if recurrence else None,
        "until": _date(form.get("until", ""), "until") if recurrence else None,
    }
    match how:
        case "date":
            parts["date"] = _date(form.get("date", ""), "date", needed=True)
        case "window":
            parts["earliest"] = _date(form.get("earliest", ""), "earliest")
            parts["latest"] = _date(form.get("latest", ""), "latest")
            if parts["earliest"] is None and parts["latest"] is None:
                raise Invalid("Give the first day, the last day, or both.", "earliest")
        case "counted":
            parts["anchor"] = _read(AnchorName, form.get("anchor", ""), "anchor", "Say what the time is counted from.")
            if parts["anchor"] is AnchorName.EVENT:
                parts["event"] = form.get("event", "").strip()
                if not parts["event"]:
                    raise Invalid("Name the event in a few words.", "event")
            parts["period"] = period_of(form) if form.get("count", "").strip() else None
            parts["direction"] = _read(Direction, form.get("direction") or "after", "direction", "Before or after?")
            parts["within"] = bool(form.get("within"))
        case _:
            return None
    try:
        return Timing.model_validate(parts)
    except ValidationError as error:
        raise _invalid(error, "date" if how == "date" else "earliest" if how == "window" else "count") from error


def period_of(form: Mapping[str, str]) -> Period:
    """The length of time that a form states. Raises ``Invalid``."""
    count, unit = form.get("count", "").strip(), form.get("unit", "day")
    if not re.fullmatch(r"\d{1,5}", count):
        raise Invalid("Give a whole number, such as 30.", "count")
    if unit not in UNITS:
        raise Invalid("There is no such unit of time.", "unit")
    business = unit == "business_day"
    return Period(count=int(count), unit=Unit.DAY if business else Unit(unit), business=business)


def day_of(text: str, field: str) -> dt.date:
    """A typed date. Raises ``Invalid``."""
    day = _date(text, field, needed=True)
    assert day is not None
    return day


def _term_fields(term: Term) -> Fields:
    shown: Fields = {"absent": ""}
    match term.field:
        case TermField.RENEWAL_TERM:
            renewal = term.renewal or Renewal(automatic=True)
            shown |= _period_fields(renewal.period) | {
                "perpetual": _tick(renewal.perpetual),
                "automatic": _tick(renewal.automatic),
                "successive": _tick(renewal.successive),
                "times": str(renewal.times or ""),
            }
        case TermField.NOTICE_PERIOD:
            shown |= _period_fields(term.notice)
        case TermField.PARTIES:
            lines = [party.name + (f" | {party.defined_as}" if party.defined_as else "") for party in term.parties]
            shown["parties"] = "\n".join(lines)
        case TermField.TOTAL_VALUE:
            amount = term.amount
            shown["amount"] = format(amount.value, "f") if amount and amount.value is not None else ""
            shown["currency"] = (amount.currency or "") if amount else ""
        case _ if term.field in _DATE_FIELDS:
            shown |= _timing_fields(term.expr, term.date)
            if term.perpetual:
                shown["how"] = "perpetual"
        case _:
            shown["text"] = term.text or ""
    return shown


def _term_change(form: Mapping[str, str], term: Term) -> Change:
    if form.get("absent"):
        return Change(absent=True)
    changed: dict[str, Any] = {}
    match term.field:
        case TermField.RENEWAL_TERM:
            perpetual = bool(form.get("perpetual"))
            times = form.get("times", "").strip()
            if times and not re.fullmatch(r"[1-9]\d{0,3}", times):
                raise Invalid("Give a whole number, or leave it empty.", "times")
            changed["renewal"] = Renewal(
                period=None if perpetual else period_of(form),
                perpetual=perpetual,
                automatic=bool(form.get("automatic")),
                successive=bool(form.get("successive")),
                times=int(times) if times else None,
            )
        case TermField.NOTICE_PERIOD:
            changed["notice"] = period_of(form)
        case TermField.PARTIES:
            changed["parties"] = _parties(form.get("parties", ""))
        case TermField.TOTAL_VALUE:
            changed["amount"] = _amount(form)
        case _ if term.field in _DATE_FIELDS:
            if form.get("how") == "perpetual":
                changed["perpetual"] = True
            elif (timing := timing_of(form)) is not None:
                changed["timing"] = timing
            else:
                raise Invalid("Give the date, or what it is counted from.", "date")
        case _:
            changed["text"] = form.get("text", "").strip()
            if not changed["text"]:
                raise Invalid("It is empty. If the contract does not state it, tick that.", "text")
    return _checked(changed)


def _timing_fields(expr: DateExpr | None, day: dt.date | None) -> Fields:
    shown = dict.fromkeys(_TIMING, "")
    shown |= {"unit": "day", "direction": "after", "anchor": AnchorName.EFFECTIVE_DATE.value}
    if isinstance(expr, Recurring):
        shown["until"] = expr.until.date.isoformat() if isinstance(expr.until, Fixed) else ""
        expr = expr.start
    match expr:
        case Fixed(date=fixed):
            return shown | {"how": "date", "date": fixed.isoformat()}
        case Window(earliest=first, latest=last) if _plain(first) and _plain(last):
            return shown | {"how": "window", "earliest": _iso(first), "latest": _iso(last)}
        case Window(earliest=None, latest=Shift() as shift):
            return _timing_fields(shift, day)
        case Anchor():
            return shown | {"how": "counted"} | _anchor_fields(expr)
        case Shift(base=Anchor() as base) | Within(base=Anchor() as base):
            return shown | {
                "how": "counted",
                "direction": expr.direction.value,
                "within": _tick(isinstance(expr, Within)),
                **_period_fields(expr.period),
                **_anchor_fields(base),
            }
        case TermEnd(start=Anchor() as base, period=period):
            return shown | {"how": "counted", **_period_fields(period), **_anchor_fields(base)}
    return shown | ({"how": "date", "date": day.isoformat()} if day else {"how": "date"})


def _anchor_fields(anchor: Anchor) -> Fields:
    if anchor.name not in ANCHORS:
        return {"anchor": AnchorName.EVENT.value, "event": anchor.name.replace("_", " ")}
    return {"anchor": anchor.name.value, "event": anchor.event or ""}


def _period_fields(period: Period | None) -> Fields:
    if period is None:
        return {"count": "", "unit": "month"}
    return {"count": str(period.count), "unit": "business_day" if period.business else period.unit.value}


def _plain(expr: DateExpr | None) -> bool:
    return expr is None or isinstance(expr, Fixed)


def _iso(expr: DateExpr | None) -> str:
    return expr.date.isoformat() if isinstance(expr, Fixed) else ""


def _tick(value: bool) -> str:
    return "on" if value else ""


def _same(text: str) -> str:
    return " ".join(text.split())


def _date(text: str, field: str, *, needed: bool = False) -> dt.date | None:
    text = text.strip()
    if not text:
        if needed:
            raise Invalid("Give a date.", field)
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text[:40]} is no date of the calendar. Write it as 2027-07-03.", field) from None
    if not 1900 <= day.year <= 2199:
        raise Invalid(f"The year {day.year} is too far away to be meant.", field)
    return day


def _read(kind: Callable[[str], Read], text: str, field: str, message: str) -> Read:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(message, field) from None


def _parties(text: str) -> tuple[Party, ...]:
    parties = []
    for line in text.splitlines():
        name, _, defined = (part.strip() for part in line.partition("|"))
        if name:
            parties.append(Party(name=name, defined_as=defined or None))
    if not parties:
        raise Invalid("Name at least one party.", "parties")
    return tuple(parties)


def _amount(form: Mapping[str, str]) -> Amount:
    text, currency = form.get("amount", "").strip(), form.get("currency", "").strip().upper()
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        raise Invalid("Give the amount in figures, such as 12500.00.", "amount") from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise Invalid("That is no amount of money.", "amount")
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        raise Invalid("Give the currency by its three letters, such as USD.", "currency")
    return Amount(text=f"{currency} {text}".strip(), value=value, currency=currency or None)


def _checked(changed: dict[str, Any]) -> Change:
    try:
        return Change.model_validate(changed)
    except ValidationError as error:
        raise _invalid(error, "title") from error


def _invalid(error: ValidationError, field: str) -> Invalid:
    fault = error.errors(include_url=False)[0]
    words = str(fault["msg"]).removeprefix("Value error, ")
    place = [str(part) for part in fault["loc"] if isinstance(part, str)]
    return Invalid(words[:1].upper() + words[1:].rstrip(".") + ".", place[-1] if place else field)
