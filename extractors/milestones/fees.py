"""Tables of fees without times: a sentence says when to pay, the table below it what for and how much.

"Client shall pay the following fees on the last day of each month:" with a row for each site is a payment for each row.
A list of prices is none: what is paid then follows from what is ordered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.engine import Document
from extractors.evidence import evidence
from extractors.grammar.mentions import MentionKind, find_mentions
from models.contract import Milestone, MilestoneKind, Recurrence
from models.money import Amount
from models.source import Cell, Span, Table

_FEE_HEAD = re.compile(
    r"\b(?:fees?|rent|charges?|amounts?|payments?|instal?l?ments?|retainers?|contributions?|premiums?)\b", re.IGNORECASE
)
_PRICE_HEAD = re.compile(r"\b(?:prices?|rates?|unit|per|hour\w*|cost|discount|limit|minimum|maximum)\b", re.IGNORECASE)
_TIME_HEAD = re.compile(r"\b(?:dates?|due|when|payable|by|before|month|year|period|deadline)\b", re.IGNORECASE)
_TOTAL = re.compile(r"^\W*(?:sub-?)?total\b", re.IGNORECASE)
_LISTS = re.compile(r"\b(?:follow(?:s|ing)|below)\b", re.IGNORECASE)
REACH = 60
"""Characters between the sentence and its table: the break of a page, a caption."""


@dataclass(frozen=True, slots=True)
class Fee:
    """A row: what is paid for, and how much."""

    span: Span
    about: str
    amount: Amount


def with_fees(document: Document, milestones: Sequence[Milestone]) -> list[Milestone]:
    """The milestones, with a payment for each row where a table below the sentence lists what is paid."""
    found: list[Milestone] = []
    for milestone in milestones:
        fees = _fees(document, milestone) if _lists_fees(milestone) else ()
        found += [_for(document, milestone, fee) for fee in fees] or [milestone]
    return found


def _lists_fees(milestone: Milestone) -> bool:
    timed = milestone.recurrence not in (None, Recurrence.PER_EVENT) or milestone.expr is not None
    return (
        milestone.kind is MilestoneKind.PAYMENT
        and milestone.amount is None
        and timed
        and _LISTS.search(milestone.quote) is not None
    )


def _fees(document: Document, milestone: Milestone) -> Sequence[Fee]:
    end = milestone.evidence[0].end
    table = next((one for one in document.source.tables if end <= one.start <= end + REACH), None)
    return _rows(document, table) if table else ()


def _rows(document: Document, table: Table) -> Sequence[Fee]:
    """The rows of a table with one column of fees; none where it has several, or says itself when they are due."""
    head, *body = table.rows or ((),)
    columns = [number for number, cell in enumerate(head) if _FEE_HEAD.search(cell.text)]
    if len(columns) != 1 or any(_PRICE_HEAD.search(cell.text) or _TIME_HEAD.search(cell.text) for cell in head):
        return ()
    [column] = columns
    fees: list[Fee] = []
    for row in body:
        if not row or _TOTAL.search(row[0].text):
            continue
        if any(_has_money(document, cell) for number, cell in enumerate(row) if number != column):
            return ()  # a sum that is paid once another one is reached
        amount = _amount(document, row[column]) if column < len(row) else None
        about = next(
            (" ".join(cell.text.split()) for n, cell in enumerate(row) if n != column and cell.text.strip()), ""
        )
        if amount is None or not about:
            return ()
        fees.append(Fee(Span(row[0].start, row[-1].end), about, amount))
    return fees


def _has_money(document: Document, cell: Cell) -> bool:
    return any(one.kind is MentionKind.MONEY for one in find_mentions(cell.text, document.order))


def _amount(document: Document, cell: Cell) -> Amount | None:
    money = [one.amount for one in find_mentions(cell.text, document.order) if one.kind is MentionKind.MONEY]
    amount = money[0] if len(money) == 1 else None
    return amount if amount and amount.value is not None and amount.rate is None else None


def _for(document: Document, milestone: Milestone, fee: Fee) -> Milestone:
    places = (evidence(document, fee.span), *milestone.evidence)
    return milestone.model_copy(
        update={"title": f"Pay {fee.amount.text}: {fee.about}", "amount": fee.amount, "evidence": places}
    )
