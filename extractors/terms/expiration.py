"""When the (initial) term ends: finds the passages that speak of the term, and reads the end out of them."""

import datetime as dt
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence

from extractors.engine import Document, Hit
from extractors.grammar.mentions import MentionKind
from extractors.terms.anchors import DefinedDates
from extractors.terms.dates import expression
from extractors.terms.subjects import of_another_agreement
from models.candidate import Part, TermCandidate
from models.contract import TermField
from models.dateexpr import (
    Anchor,
    AnchorName,
    CalendarUnit,
    DateExpr,
    Fixed,
    Incomplete,
    NextDate,
    PeriodEdge,
    Shift,
    TermEnd,
)
from models.period import Direction, Period, Unit

_TERM_HEADING = re.compile(r"\bterm\b|\bduration\b|\bvalidity\b|\bcommencement\b", re.IGNORECASE)
_FURTHER = re.compile(
    r"additional|further|another|successive|subsequent|consecutive(?! (?:calendar )?months?)|\bmore\b", re.IGNORECASE
)
_LAST_DAY = re.compile(r"\b(?:end|close|last day|expiration)\b", re.IGNORECASE)
NEAR, FAR = 120, 500
"""Characters between the words that speak of the term and its end up to which they surely belong together, and within
which the belief in it falls to half."""
SHORT = 60
"""Days below which a length is more likely a deadline than a term."""
LATER_OF = "later_of"
"""The cue for an end that is one of several, of which the latest counts: a date is then the first possible and says so;
a length alone tells nothing."""

_ORDINALS = {
    **{
        word: number
        for number, word in enumerate(
            ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
            start=1,
        )
    },
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "twentieth": 20,
    "twenty-fifth": 25,
    "thirtieth": 30,
}


def expirations(
    clauses: Sequence[Hit],
    ends: Sequence[Hit],
    starts: Sequence[Hit],
    document: Document,
    dates: DefinedDates,
    fallback: AnchorName,
) -> list[TermCandidate]:
    """Candidates for the end of the initial term.

    ``clauses`` say where the term is spoken of, ``ends`` and ``starts`` what is said there; ``fallback`` is what a bare
    "for three years" is counted from.
    """
    clauses_of: dict[int, list[Hit]] = defaultdict(list)
    for hit in clauses:
        if not of_another_agreement(hit, document):
            clauses_of[hit.passage].append(hit)
    starts_of: dict[int, list[Hit]] = defaultdict(list)
    for hit in starts:
        starts_of[hit.passage].append(hit)
    found: list[tuple[int, TermCandidate]] = []
    for hit in ends:
        above = [
            one for one in clauses_of[hit.passage] if one.span.start <= hit.span.start or one.rule.value.get("anywhere")
        ]
        if not above:
            continue
        clause = max(above, key=lambda one: (one.rule.score, one.span.start))
        candidate = _candidate(hit, clause, starts_of[hit.passage], document, dates, fallback)
        if candidate:
            found.append((hit.passage, candidate))
    limited = {passage for passage, candidate in found if candidate.expr is not None and not _event(candidate.expr)}
    # "For two years and then until terminated": the two years are the initial term.
    return [candidate for passage, candidate in found if not (candidate.perpetual and passage in limited)]


def _ends_from(hit: Hit, document: Document) -> str:
    """The ends of which the latest counts, from the length on up to the end of the sentence or a line or two."""
    start = next((slot.span.start for slot in hit.slots.values() if slot.mention), hit.span.start)
    words = re.split(r"[.;](?=\s|$)", document.text[start : start + 160], maxsplit=1)[0]
    return f"the later of {' '.join(words.split())}"


def _event(expr: DateExpr) -> bool:
    return isinstance(expr, Anchor) and expr.name is AnchorName.EVENT


def _candidate(
    hit: Hit,
    clause: Hit,
    starts: Sequence[Hit],
    document: Document,
    dates: DefinedDates,
    fallback: AnchorName,
) -> TermCandidate | None:
    passage = document.passages[hit.passage]
    score = clause.rule.score * hit.rule.score
    if _TERM_HEADING.search(passage.heading):
        score += (1 - score) * 0.3
    if "attachment" in passage.tags:
        score *= 0.7
    place = next((slot.span.start for slot in hit.slots.values() if slot.mention), hit.span.start)
    expr, perpetual = _read(hit, starts, dates, fallback, document.text[hit.span.start : place])
    flags = hit.flags
    if LATER_OF in flags and isinstance(expr, TermEnd):
        flags = tuple(flag for flag in flags if flag != LATER_OF)
        # Five years or when the last order is filled, whichever is later: the five years alone do not tell.
        expr = Anchor(name=AnchorName.EVENT, event=_ends_from(hit, document))
    gap = hit.span.start - clause.span.end
    if gap > NEAR:
        score *= 1 - min((gap - NEAR) / FAR, 0.5)
    if any(slot.mention and _FURTHER.search(slot.text) for slot in hit.slots.values()):
        # "an additional year" lengthens a term, it is not the first.
        return None
    if isinstance(expr, TermEnd) and _days(expr.period) < SHORT:
        score *= 0.45
    if expr is None and not perpetual:
        return None
    why = Part(
        clause.rule.name,
        clause.span,
        document.text[clause.span.start : clause.span.end],
        (hit.why(document.text),),
    )
    return TermCandidate(
        field=TermField.EXPIRATION_DATE,
        expr=expr,
        perpetual=perpetual,
        span=hit.span,
        rule=hit.rule.name,
        score=score,
        flags=flags,
        why=why,
    )


def _read(
    hit: Hit, starts: Sequence[Hit], dates: DefinedDates, fallback: AnchorName, before: str
) -> tuple[DateExpr | None, bool]:
    value = hit.value()
    if value is None:
        # A redacted length or date: said, but not known.
        return Incomplete(text=next(iter(hit.slots.values())).text), False
    if value.get("perpetual"):
        return None, True
    if "end" in value:
        return _whole(expression(value["end"]), before), False
    if "year" in value:
        return Fixed(date=dt.date(int(str(value["year"])), 12, 31)), False
    start = _start(hit, starts, dates, fallback)
    if value.get("edge") == "month" and isinstance(value["period"], Period):
        return PeriodEdge(of=TermEnd(start=start, period=value["period"]), unit=CalendarUnit.MONTH), False
    if "period" in value and isinstance(value["period"], Period):
        return TermEnd(start=start, period=value["period"]), False
    if "month_day" in value and isinstance(value["month_day"], Incomplete):
        day = value["month_day"]
        if day.month and day.day:
            return _in_nth_year(start, day.month, day.day, value), False
    if "nth" in value:
        number = _ordinal(str(value["nth"]))
        if number:
            return TermEnd(start=start, period=Period(count=number, unit=Unit.YEAR)), False
    if "event" in value:
        event = dates.read(str(value["event"]))
        # The day it was signed or took effect is no day it ends.
        return (event if isinstance(event, Fixed) or _event(event) else None), False
    if value.get("edge") == "year":
        return PeriodEdge(of=start, unit=CalendarUnit.YEAR), False
    return None, False


def _whole(end: DateExpr, before: str) -> DateExpr:
    """The last day, where the words before say "the end of" a year or month and no day: that is not incomplete."""
    if not isinstance(end, Incomplete) or end.day or not end.year or not _LAST_DAY.search(before):
        return end
    month = end.month or 12
    return Fixed(date=dt.date(end.year, month, monthrange(end.year, month)[1]))


def _in_nth_year(start: DateExpr, month: int, day: int, value: Mapping[str, object]) -> DateExpr:
    """A day of the year ("31 December") of the nth year of the term, or of the nth calendar year after its start."""
    number = _ordinal(str(value["nth"])) if value.get("nth") else None
    after = str(value.get("after") or "")
    if number is None or after.endswith("which"):
        # Of the year in which the term begins.
        base: DateExpr = start if number is None or number == 1 else _years_after(start, number - 1)
        return NextDate(after=base, month=month, day=day)
    if after:
        first = PeriodEdge(of=_years_after(start, number), unit=CalendarUnit.YEAR, edge="start")
        return NextDate(after=first, month=month, day=day)
    return NextDate(after=_years_after(start, number - 1) if number > 1 else start, month=month, day=day)


def _years_after(start: DateExpr, years: int) -> DateExpr:
    return Shift(base=start, period=Period(count=years, unit=Unit.YEAR), direction=Direction.AFTER)


def _start(hit: Hit, starts: Sequence[Hit], dates: DefinedDates, fallback: AnchorName) -> DateExpr:
    """What the length is counted from: as its own words say, else the start named behind it, else the last before."""
    counted = [one for one in starts if one.rule.value.get("counted")]
    others = [one for one in starts if not one.rule.value.get("counted")]
    place = next((slot.span.start for slot in hit.slots.values() if slot.mention), hit.span.start)
    mine = [one for one in counted if one.span.start == place]
    behind = [one for one in others if hit.span.start <= one.span.start < hit.span.end + 90]
    before = [one for one in others if one.span.start < hit.span.start]
    for one in [*mine, *sorted(behind, key=_place), *sorted(before, key=_place, reverse=True)]:
        value = one.value()
        if not value:
            continue
        if "start" in value:
            expr = expression(value["start"])
            if isinstance(expr, Fixed):
                return expr
        elif "words" in value:
            read = dates.read(str(value["words"]))
            if isinstance(read, Anchor) and read.event and _said_before(read.event):
                continue
            return read
    return Anchor(name=fallback)


def _said_before(words: str) -> bool:
    """Whether words ("such date", "the beginning") lead back to a point in time said before."""
    return words in ("date", "day", "time", "commencement", "beginning", "start") or words.startswith(
        ("that ", "such ", "then")
    )


def _days(period: Period) -> int:
    return period.count * {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 91, Unit.YEAR: 365}[period.unit]


def _place(hit: Hit) -> int:
    return hit.span.start


def _ordinal(words: str) -> int | None:
    digits = re.match(r"\d+", words)
    if digits:
        return int(digits.group())
    return _ORDINALS.get(words.lower())


def kinds_of(hit: Hit) -> frozenset[MentionKind]:
    """The kinds of values that a hit captured."""
    return frozenset(slot.mention.kind for slot in hit.slots.values() if slot.mention)
