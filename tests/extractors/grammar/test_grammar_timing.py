"""Whole timing expressions: what they mean, over exactly which words; and words that say no time."""

import datetime as dt

import pytest

from extractors.grammar.mentions import find_mentions
from extractors.grammar.timing import Timing, find_timings
from models.contract import Recurrence
from models.dateexpr import (
    Anchor,
    AnchorName,
    CalendarUnit,
    DateExpr,
    EarliestOf,
    Fixed,
    Incomplete,
    LatestOf,
    NextDate,
    PeriodEdge,
    Recurring,
    Shift,
    TermEnd,
    Window,
    Within,
)
from models.period import Direction, Period, Unit

BEFORE, AFTER = Direction.BEFORE, Direction.AFTER
QUARTER_ENDS = "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"


def anchor(name: AnchorName) -> Anchor:
    return Anchor(name=name)


def event(words: str) -> Anchor:
    return Anchor(name=AnchorName.EVENT, event=words)


def fixed(year: int, month: int, day: int) -> Fixed:
    return Fixed(date=dt.date(year, month, day))


def days(count: int, *, business: bool = False) -> Period:
    return Period(count=count, unit=Unit.DAY, business=business)


def months(count: int) -> Period:
    return Period(count=count, unit=Unit.MONTH)


def years(count: int) -> Period:
    return Period(count=count, unit=Unit.YEAR)


def after(base: DateExpr, period: Period) -> Shift:
    return Shift(base=base, period=period, direction=AFTER)


def before(base: DateExpr, period: Period) -> Shift:
    return Shift(base=base, period=period, direction=BEFORE)


def within(base: DateExpr, period: Period) -> Within:
    return Within(base=base, period=period, direction=AFTER)


def term(base: DateExpr, period: Period) -> TermEnd:
    return TermEnd(start=base, period=period)


def recurring(rrule: str, due: Period | None = None, start: DateExpr | None = None) -> Recurring:
    return Recurring(rrule=rrule, start=start or EFFECTIVE, due=due)


EFFECTIVE = anchor(AnchorName.EFFECTIVE_DATE)
AGREEMENT = anchor(AnchorName.AGREEMENT_DATE)
SIGNATURE = anchor(AnchorName.SIGNATURE)
TERM_END = anchor(AnchorName.TERM_END)
INITIAL_END = anchor(AnchorName.INITIAL_TERM_END)
RENEWAL_START = anchor(AnchorName.RENEWAL_START)
TERMINATION = anchor(AnchorName.TERMINATION)
NOTICE = anchor(AnchorName.NOTICE)
INVOICE_RECEIPT = anchor(AnchorName.INVOICE_RECEIPT)
INVOICE_DATE = anchor(AnchorName.INVOICE_DATE)
DELIVERY = anchor(AnchorName.DELIVERY)
ACCEPTANCE = anchor(AnchorName.ACCEPTANCE)


def read(text: str) -> list[Timing]:
    return find_timings(text, find_mentions(text))


def one(text: str) -> Timing:
    """The one timing of ``text``, where ``«`` and ``»`` mark the words it must cover (else all of them)."""
    expected = text[text.index("«") + 1 : text.index("»")] if "«" in text else text
    plain = text.replace("«", "").replace("»", "")
    found = read(plain)
    assert len(found) == 1, f"{plain!r} gave {[plain[t.start : t.end] for t in found]}"
    timing = found[0]
    assert plain[timing.start : timing.end] == expected
    return timing


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        # after
        ("pay «within 5 days upon receipt of the invoice».", within(INVOICE_RECEIPT, days(5))),
        ("inspect them «ten (10) days of receipt of the invoice».", after(INVOICE_RECEIPT, days(10))),
        ("pay «within thirty (30) days after receipt of an invoice».", within(INVOICE_RECEIPT, days(30))),
        ("«within 30 days of Customer's receipt of a correct invoice»,", within(INVOICE_RECEIPT, days(30))),
        ("«within 30 days after Customer receives the invoice».", within(INVOICE_RECEIPT, days(30))),
        ("«within thirty (30) days of the date of the invoice»", within(INVOICE_DATE, days(30))),
        ("«within 45 days from invoice date»", within(INVOICE_DATE, days(45))),
        (
            "«no later than 10 business days following delivery of the Products»",
            within(DELIVERY, days(10, business=True)),
        ),
        ("«thirty (30) days after Acceptance»", after(ACCEPTANCE, days(30))),
        ("«within five (5) days of both parties executing this Agreement»,", within(SIGNATURE, days(5))),
        ("«within ten days after execution of this Agreement by both parties»", within(SIGNATURE, days(10))),
        ("«within thirty (30) days after receipt of written notice»", within(NOTICE, days(30))),
        ("«within 15 days of notice» of", within(NOTICE, days(15))),
        ("is uncured «after thirty days written notice» thereof", after(NOTICE, days(30))),
        ("«within ten days after termination or expiration of this Agreement»", within(TERMINATION, days(10))),
        ("«within 60 days of the Effective Date»", within(EFFECTIVE, days(60))),
        ("«within 60 days from the date hereof»", within(AGREEMENT, days(60))),
        ("«within 90 days after the date of this Agreement»", within(AGREEMENT, days(90))),
        ("«On the thirtieth (30th) day after the Effective Date»", after(EFFECTIVE, days(30))),
        (
            "«within 30 days after completion of the installation»",
            within(event("completion of the installation"), days(30)),
        ),
        (
            "«within 10 days after the date on which Supplier has shipped the goods».",
            within(event("Supplier has shipped the goods"), days(10)),
        ),
        ("«on the date that is two years after the Effective Date».", after(EFFECTIVE, years(2))),
        ("«on the first anniversary of the Effective Date»", after(EFFECTIVE, years(1))),
        ("«on the third (3rd) anniversary of the date hereof»", after(AGREEMENT, years(3))),
        ("«thirty days from the expiration of ten days after delivery»", after(after(DELIVERY, days(10)), days(30))),
        # before
        ("«at least 90 days prior to the end of the then-current term», unless", before(TERM_END, days(90))),
        ("«not less than six (6) months before the expiration of the then current Term»", before(TERM_END, months(6))),
        ("«at least 60 days prior to the expiration of this Agreement»", before(TERM_END, days(60))),
        ("«no later than ninety (90) days prior to the expiration of the initial Term»", before(INITIAL_END, days(90))),
        ("«thirty days prior to the expiration of the Initial Term or any Renewal Term»", before(TERM_END, days(30))),
        ("«30 days prior to the commencement of the next renewal term»", before(RENEWAL_START, days(30))),
        ("«upon 60 days written notice to the other party prior to the end of the term»", before(TERM_END, days(60))),
        ("«at least ten (10) days prior to the Closing»", before(event("Closing"), days(10))),
        ("«sixty days in advance of the launch of the Service»", before(event("launch of the Service"), days(60))),
        # windows
        (
            "«not less than 60 and not more than 90 days before the expiration of the Term»",
            Window(earliest=before(TERM_END, days(90)), latest=before(TERM_END, days(60))),
        ),
        (
            "«not more than ninety (90) days nor less than thirty (30) days prior to the end of the Term»",
            Window(earliest=before(TERM_END, days(90)), latest=before(TERM_END, days(30))),
        ),
        (
            "«between 60 and 90 days before the expiry date»",
            Window(earliest=before(TERM_END, days(90)), latest=before(TERM_END, days(60))),
        ),
        (
            "«30 to 60 days after delivery»",
            Window(earliest=after(DELIVERY, days(30)), latest=after(DELIVERY, days(60))),
        ),
        # terms
        ("«for a period of two years from the Effective Date»", term(EFFECTIVE, years(2))),
        ("«for twenty-four (24) months after the Effective Date»", term(EFFECTIVE, months(24))),
        ("«for a period of two years after termination of this Agreement»", after(TERMINATION, years(2))),
        ("«commencing on the Effective Date and continuing for a period of five (5) years»", term(EFFECTIVE, years(5))),
        ("«for an initial term of three (3) years commencing on the Effective Date»", term(EFFECTIVE, years(3))),
        (
            "«commencing on January 1, 2010 and ending on December 31, 2012»",
            Window(earliest=fixed(2010, 1, 1), latest=fixed(2012, 12, 31)),
        ),
        (
            "«from the Effective Date until December 31, 2012»",
            Window(earliest=EFFECTIVE, latest=fixed(2012, 12, 31)),
        ),
        (
            "«commencing on the Effective Date and continuing until the third anniversary of the Effective Date»",
            Window(earliest=EFFECTIVE, latest=after(EFFECTIVE, years(3))),
        ),
        ("«until December 31 of the third year»", NextDate(after=EFFECTIVE, month=12, day=31, nth=3)),
        ("«until December 31 of the following year»", NextDate(after=EFFECTIVE, month=12, day=31, nth=2)),
        # choices
        ("«30 days after the later of delivery and acceptance»", after(LatestOf(of=(DELIVERY, ACCEPTANCE)), days(30))),
        (
            "«upon the earlier of (a) December 31, 2015 and (b) termination of this Agreement»",
            EarliestOf(of=(fixed(2015, 12, 31), TERMINATION)),
        ),
        (
            "«by the later of (i) the Effective Date, (ii) delivery, and (iii) 30 days after acceptance»",
            LatestOf(of=(EFFECTIVE, DELIVERY, after(ACCEPTANCE, days(30)))),
        ),
        # recurrences
        ("«within 45 days after the end of each calendar quarter»", recurring(QUARTER_ENDS, days(45))),
        (
            "«within thirty days following the close of each calendar month»",
            recurring("FREQ=MONTHLY;BYMONTHDAY=-1", days(30)),
        ),
        (
            "«within 90 days after the end of each calendar year»",
            recurring("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", days(90)),
        ),
        ("«On the thirtieth (30th) day after the end of each quarter»", recurring(QUARTER_ENDS, days(30))),
        ("«within 20 days after each calendar quarter»", recurring(QUARTER_ENDS, days(20))),
        ("«no later than the 15th day of each month»", recurring("FREQ=MONTHLY;BYMONTHDAY=15")),
        ("«by the 10th day of the following month»", recurring("FREQ=MONTHLY;BYMONTHDAY=10")),
        (
            "«by the 10th day of the month following the month in which the sales occur»,",
            recurring("FREQ=MONTHLY;BYMONTHDAY=10"),
        ),
        ("«on or before March 1 of each year»", recurring("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1")),
        ("«at the end of each calendar quarter»", recurring(QUARTER_ENDS)),
        ("«on the second Tuesday of each month»", recurring("FREQ=MONTHLY;BYDAY=2TU")),
        ("«on each anniversary of the Effective Date»", recurring("FREQ=YEARLY")),
        ("«60 days prior to each anniversary of the Effective Date»", before(recurring("FREQ=YEARLY"), days(60))),
        # edges of the calendar
        (
            "«by the end of the month following receipt of the invoice»",
            PeriodEdge(of=after(INVOICE_RECEIPT, months(1)), unit=CalendarUnit.MONTH),
        ),
        (
            "«on the first day of the month following the Effective Date»",
            PeriodEdge(of=after(EFFECTIVE, months(1)), unit=CalendarUnit.MONTH, edge="start"),
        ),
        ("«at the end of the current calendar year»", PeriodEdge(of=AGREEMENT, unit=CalendarUnit.YEAR)),
        ("«no later than the end of January 2005».", fixed(2005, 1, 31)),
        # invoices, signatures, dates
        ("payment terms are «net 30».", within(INVOICE_DATE, days(30))),
        ("Terms: «Net thirty (30)»", within(INVOICE_DATE, days(30))),
        ("«upon execution of this Agreement», Buyer", SIGNATURE),
        ("«upon completion of the Project»", event("completion of the Project")),
        ("«prior to the expiration of the Term»", TERM_END),
        ("«on or before March 1, 2010»", fixed(2010, 3, 1)),
        ("«effective as of January 1, 2005»", fixed(2005, 1, 1)),
    ],
)
def test_a_timing_means(text: str, expr: DateExpr) -> None:
    assert one(text).expr == expr


@pytest.mark.parametrize(
    ("text", "cue", "offset", "direction", "words", "flags"),
    [
        (
            "within thirty (30) days after receipt of an invoice",
            "within",
            days(30),
            AFTER,
            "receipt of an invoice",
            ("maximum",),
        ),
        (
            "at least 90 days prior to the end of the then-current term",
            "at least",
            days(90),
            BEFORE,
            "end of the then-current term",
            ("minimum",),
        ),
        ("no later than 90 days before the Closing", "no later than", days(90), BEFORE, "Closing", ("minimum",)),
        (
            "not less than 60 and not more than 90 days before the Closing",
            "not less than",
            days(60),
            BEFORE,
            "Closing",
            ("minimum",),
        ),
        ("upon ninety (90) days' prior written notice", "upon", days(90), BEFORE, None, ("notice", "open_anchor")),
        (
            "at least two weeks in advance",
            "at least",
            Period(count=2, unit=Unit.WEEK),
            BEFORE,
            None,
            ("minimum", "open_anchor"),
        ),
        ("within 30 days", "within", days(30), AFTER, None, ("maximum", "open_anchor")),
        ("within 10 days thereafter", "within", days(10), AFTER, None, ("maximum", "open_anchor")),
        ("for a period of two years", "for", years(2), None, None, ("period_only",)),
        (
            "within sixty (90) days of the Closing",
            "within",
            days(60),
            AFTER,
            "Closing",
            ("word_figure_conflict", "maximum"),
        ),
        (
            "within [***] days after the Effective Date",
            "within",
            None,
            AFTER,
            "Effective Date",
            ("redacted", "maximum"),
        ),
        ("on or before March 1, 2010", "on or before", None, None, None, ("deadline",)),
        ("net 30", "net", days(30), AFTER, "invoice date", ("maximum",)),
    ],
)
def test_a_timing_keeps_its_parts_as_stated(
    text: str, cue: str, offset: Period | None, direction: Direction | None, words: str | None, flags: tuple[str, ...]
) -> None:
    timing = one(text)
    assert (timing.cue, timing.offset, timing.direction, timing.anchor) == (cue, offset, direction, words)
    assert timing.flags == flags


@pytest.mark.parametrize(
    ("text", "recurrence"),
    [
        ("within 45 days after the end of each calendar quarter", Recurrence.QUARTERLY),
        ("by the 15th of each month", Recurrence.MONTHLY),
        ("monthly", Recurrence.MONTHLY),
        ("«once (1) a week» Supplier reports", Recurrence.WEEKLY),
        ("«on a calendar quarter basis», Supplier reports", Recurrence.QUARTERLY),
        ("on or before March 1 of each year", Recurrence.ANNUAL),
    ],
)
def test_what_comes_back_says_how_often(text: str, recurrence: Recurrence) -> None:
    timing = one(text)
    assert timing.recurrence is recurrence
    assert timing.rrule


def test_a_redacted_offset_is_never_completed() -> None:
    assert one("within [***] days after the Effective Date").expr == Incomplete(
        text="within [***] days after the Effective Date"
    )


def test_expiration_is_the_term_s_end_before_and_the_contract_s_end_after() -> None:
    assert one("30 days before expiration of this Agreement").expr == before(TERM_END, days(30))
    assert one("30 days after expiration of this Agreement").expr == after(TERMINATION, days(30))


def test_a_length_said_of_a_notice_is_a_notice_whoever_gives_it() -> None:
    assert "notice" in one("«upon thirty (30) days written notice» from either party").flags
    assert "notice" in one("notice «of not less than seven (7) business days»").flags


def test_an_offset_after_a_notice_is_not_swallowed_by_the_words_of_the_notice() -> None:
    text = "upon written notice no later than ninety (90) days prior to the end of the Term"
    timings = read(text)
    assert timings[-1].expr == before(TERM_END, days(90))


@pytest.mark.parametrize(
    "text",
    [
        "as mutually agreed upon by the parties",
        "binding upon receipt",
        "based upon delivery volumes",
        "the parties may meet",
        "terminated by notice",
        "a delay of more than a little",
        "the first year of operation",
        "net sales of the Products",
        "net proceeds (30) in all",
        "thirty (30) days have passed",
        "a training of three days",
    ],
)
def test_what_says_no_time(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("on November 29 and December 29, 1999", [(1999, 11, 29), (1999, 12, 29)]),
        ("on March 1, June 1 and September 1, 2015", [(2015, 3, 1), (2015, 6, 1), (2015, 9, 1)]),
        ("on December 31 and January 31, 2015", [None, (2015, 1, 31)]),
        ("on November 29, when the report of December 29, 1999 is due", [None, (1999, 12, 29)]),
    ],
)
def test_days_of_one_list_share_the_year_that_ends_it(text: str, dates: list[tuple[int, int, int] | None]) -> None:
    found = [timing.expr for timing in read(text)]
    assert [one if isinstance(one, Fixed) else None for one in found] == [date and fixed(*date) for date in dates]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("within 30 days of receiving such notice the Agreement shall end", "receiving such notice"),
        (
            "within five days after the giving of notice by Licensee that it has an offer",
            "giving of notice by Licensee",
        ),
        ("within ten days after the start of that demonstration", "start of that demonstration"),
        ("within ten days after termination of this Agreement the right ends", "termination of this Agreement"),
    ],
)
def test_what_a_time_hangs_on_ends_where_the_next_clause_begins(text: str, words: str) -> None:
    [timing] = read(text)
    assert timing.anchor == words
