"""Days as people type them into a spreadsheet: "30-Jun-27", "31. März 2027", "le 3 mai 2027"."""

import datetime as dt
import re

LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt")
"""The languages whose months are known."""
_ORDERS = ("DMY", "MDY")
# Figures parted by points are written day first wherever they are in use.
_POINTS = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}")


def typed_date(text: str) -> dt.date:
    """The one day that ``text`` can be.

    Day, month and year must all stand there: nothing is completed from today's date, and what can be read day first
    and month first as two different days is not guessed. Raises ValueError, saying what is wrong.
    """
    orders = _ORDERS[:1] if _POINTS.fullmatch(text) else _ORDERS
    days = sorted({day for order in orders if (day := _read(text, order)) is not None})
    if len(days) > 1:
        either = " or ".join(day.isoformat() for day in days)
        raise ValueError(f"{text!r} can be two days: write {either}, or format the cell as a date")
    if not days:
        raise ValueError(f"{text[:40]!r} is no date")
    return days[0]


def _read(text: str, order: str) -> dt.date | None:
    import dateparser  # it loads its languages when imported: only who reads typed dates waits for that

    settings = {"DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    # Years first are in one order everywhere, whatever the order of the rest.
    if text[:4].isdigit():
        settings["DATE_ORDER"] = "YMD"
    moment = dateparser.parse(text, languages=list(LANGUAGES), settings=settings)
    return moment.date() if moment else None
