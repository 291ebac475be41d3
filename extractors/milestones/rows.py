"""Rows of schedules: a payment for each row with a time and an amount, each read from its own cells.

Sentences run over the cells of a row ("30 days after Acceptance of D1 | D2 | Prototype"), so times are read cell by
cell. The head of the table tells which column is the payment's time and which a delivery's. In a table of milestone
events and amounts without any time each amount falls due upon its event.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.engine import Document
from extractors.grammar.anchors import name_anchor
from extractors.grammar.mentions import Mention, MentionKind, find_mentions
from extractors.grammar.numbers import REDACTION
from extractors.grammar.timing import Timing, find_timings
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind
from models.dateexpr import Anchor, AnchorName
from models.money import Amount
from models.period import Direction
from models.source import Cell, Span, Table

_PAYMENT_HEAD = re.compile(
    r"\b(?:pay\w*|amounts?|fees?|instal?l?ments?|price|royalt\w+|rent|due|charges?|invoice\w*)\b", re.IGNORECASE
)
_TIME_HEAD = re.compile(r"\b(?:due|date|when|payable|by|before|time|deadline|completion|month)\b", re.IGNORECASE)
_DELIVERY_HEAD = re.compile(
    r"\b(?:deliver\w*|complet\w*|launch|start|activity|step|task|milestone|target|deliverable)\b", re.IGNORECASE
)
_EVENT_HEAD = re.compile(
    r"^\W*(?:[\w-]+\s+){0,3}(?:milestones?(?:\s+events?)?|events?|triggers?|stages?)\W*$", re.IGNORECASE
)
_EVENT_PAID = re.compile(r"\b(?:pay\w*|amounts?|fees?)\b", re.IGNORECASE)
_REDACTED = re.compile(rf"^\W*(?:\d{{1,2}}[.)]?\s*)?(?:{REDACTION})\W*$", re.IGNORECASE)
_PAYS = re.compile(r"\bpay\w*", re.IGNORECASE)
_TOTAL = re.compile(r"^\W*(?:sub-?)?total\b", re.IGNORECASE)
_NUMBER = re.compile(r"^\W*(?:[A-Z]{0,2}\d{1,3}[.):]?|first|second|third|fourth|fifth|sixth)\W*$", re.IGNORECASE)
_SIGNED = re.compile(r"/s/|\bsign(?:ed|ature)\b|^\s*(?:by|name|title)\s*:|_{4,}", re.IGNORECASE)
_EVENT_WORDS = 14
CONFIDENCE = 0.9
RULE = "milestone.row@1"


@dataclass(frozen=True, slots=True)
class Row:
    """A milestone that a row of a schedule states: its words, its own time and amount, and what it is for."""

    kind: MilestoneKind
    proposal: Proposal
    span: Span
    amount: Amount | None
    about: str


def rows(document: Document) -> list[Row]:
    """The milestones that the tables of a document state, row by row."""
    timed = [row for table, head in _schedules(document.source.tables) for row in _of_table(document, table, head)]
    read = {row.span for row in timed}
    events = [row for table in document.source.tables for row in _upon_events(document, table) if row.span not in read]
    return sorted([*timed, *events], key=lambda row: row.span)


def _schedules(tables: Sequence[Table]) -> Iterator[tuple[Table, Sequence[Cell]]]:
    """Tables whose head names times; one that goes on over a page without its head has the head before it."""
    above: Sequence[Cell] | None = None
    for table in tables:
        if not table.rows or any(_SIGNED.search(cell.text) for row in table.rows for cell in row):
            continue
        head = table.rows[0]
        if any(_TIME_HEAD.search(cell.text) for cell in head) and not any(
            re.search(r"\d{4}", cell.text) for cell in head
        ):
            above = head
            yield table, head
        elif above is not None and len(above) == len(head) and _has_time(head):
            yield table, above


def _has_time(cells: Sequence[Cell]) -> bool:
    return any(mention.kind is MentionKind.DATE for cell in cells for mention in find_mentions(cell.text))


def _of_table(document: Document, table: Table, head: Sequence[Cell]) -> Iterator[Row]:
    pays = any(_PAYMENT_HEAD.search(cell.text) for cell in head)
    delivers = any(_DELIVERY_HEAD.search(cell.text) for cell in head)
    for row in table.rows:
        if row is head or not row or _TOTAL.search(row[0].text):
            continue
        amount = next((money for cell in row if (money := _amount(document, cell)) is not None), None)
        times = [(column, timing) for column, cell in enumerate(row) if (timing := _time(document, cell)) is not None]
        payment = _payment_column(head, [column for column, _ in times]) if amount and pays else None
        about = _about(row, {column for column, _ in times})
        for column, timing in times:
            if column == payment:
                kind, money = MilestoneKind.PAYMENT, amount
            elif payment is not None or (amount is None and delivers):
                kind, money = MilestoneKind.DELIVERY, None
            else:
                continue
            proposal = Proposal(document.index_at(row[0].start), Span(timing.start, timing.end), timing)
            yield Row(kind, proposal, Span(row[0].start, row[-1].end), money, about)


def _upon_events(document: Document, table: Table) -> Iterator[Row]:
    """The payments of a table of events and amounts; none where a row says when, or an event was taken out."""
    head, *body = table.rows or ((),)
    if not (head and len(head) > 1 and _EVENT_HEAD.match(head[0].text)):
        return
    if not any(_EVENT_PAID.search(cell.text) for cell in head[1:]):
        return
    if any(_time(document, cell) is not None for row in body for cell in row):
        return
    group = ""
    for row in body:
        event = " ".join(row[0].text.split()).strip(" *†‡.:") if row else ""
        if not event or _TOTAL.search(event) or _REDACTED.match(row[0].text):
            continue
        if not any(cell.text.strip() for cell in row[1:]):
            group = event
            continue
        amount = next((money for cell in row[1:] if (money := _amount(document, cell)) is not None), None)
        if amount is None and not any(_REDACTED.match(cell.text) for cell in row[1:]):
            continue
        words = f"{group}: {event}" if group else event
        yield _upon_event(document, row, words, amount)


def _upon_event(document: Document, row: Sequence[Cell], words: str, amount: Amount | None) -> Row:
    """The payment of a row, due upon its event."""
    first, short = row[0], _cut(words)
    fact = name_anchor(words, 0, Direction.AFTER)
    known = fact is not None and fact.end == len(words)
    anchor = fact.anchor if fact and known else Anchor(name=AnchorName.EVENT, event=short)
    timing = Timing(first.start, first.end, anchor, direction=Direction.AFTER, anchor=short, cue="upon", rule="opening")
    proposal = Proposal(document.index_at(first.start), Span(first.start, first.end), timing)
    return Row(MilestoneKind.PAYMENT, proposal, Span(first.start, row[-1].end), amount, short)


def _cut(words: str) -> str:
    """An event of a sentence's length ends where a person would stop reading it as a name."""
    return " ".join(words.split()[:_EVENT_WORDS])


def _payment_column(head: Sequence[Cell], columns: Sequence[int]) -> int | None:
    """The column that says when the money is due: the one whose head speaks of paying, else the last time."""
    if not columns:
        return None
    named = [column for column in columns if column < len(head) and _PAYS.search(head[column].text)]
    return (named or list(columns))[-1]


def _time(document: Document, cell: Cell) -> Timing | None:
    """The time that a whole cell states."""
    mentions = find_mentions(cell.text, document.order)
    found = find_timings(cell.text, mentions)
    if len(found) != 1 or (not _fills(cell.text, found[0]) and not _is_date(found[0])):
        return None
    timing = found[0]
    return replace(timing, start=timing.start + cell.start, end=timing.end + cell.start)


def _fills(text: str, timing: Timing) -> bool:
    return timing.end - timing.start >= 0.6 * len(text.strip())


def _is_date(timing: Timing) -> bool:
    return timing.rule == "date"


def _amount(document: Document, cell: Cell) -> Amount | None:
    money: list[Mention] = [one for one in find_mentions(cell.text, document.order) if one.kind is MentionKind.MONEY]
    return money[0].amount if len(money) == 1 else None


def _about(row: Sequence[Cell], times: set[int]) -> str:
    """What the row is about: its first cell of words, with its number where it has nothing else."""
    words = [
        " ".join(cell.text.split())
        for column, cell in enumerate(row)
        if column not in times and cell.text.strip() and not re.search(r"[$€£¥]|\d[\d,]*\.\d\d\b", cell.text)
    ]
    named = [word for word in words if not _NUMBER.match(word)]
    return (named or words or [""])[0]
