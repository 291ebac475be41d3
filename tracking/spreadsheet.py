"""What is tracked and how far the review is, as a workbook or CSV for people who calculate with it.

Every text is written as a text: one that begins like a formula (a contract may say ``=HYPERLINK(...)``) stays one. CSV
knows no types, so there an apostrophe stands before such a text, which spreadsheets take for the mark of a text.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import IO, Any, NamedTuple

import xlsxwriter
from sqlmodel import Session, col, select

from store.review_tables import ReviewItem
from store.tables import Contract
from tracking.filtering import Filter, Judged, Listed, find
from tracking.overview import Line, lines

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that a spreadsheet takes for a formula."""

_AT_ONCE = 500

_LONGEST = 32_767
"""Characters that a cell can hold."""

DEADLINES = (
    ("Contract", 32), ("Counterparty", 28), ("Kind", 12), ("What", 40), ("State", 12), ("Act by", 12), ("Send by", 12),
    ("Deadline", 12), ("Days left", 9), ("Amount", 14), ("Currency", 9), ("Owner", 18), ("Department", 14),
    ("Next reminder (UTC)", 18), ("Waits for", 24), ("Warning", 30), ("Done on", 12), ("Closed by", 16), ("Proof", 30),
    ("Quote", 60), ("Page", 6), ("Section", 10), ("Document", 28), ("Because", 50), ("Confidence", 10),
    ("Confirmed by", 16), ("Confirmed at (UTC)", 18), ("Contract id", 12), ("Id", 12),
)  # fmt: skip
"""Columns of the deadlines, with their widths in characters."""

REVIEW = (
    ("Contract", 32), ("Counterparty", 28), ("Subject", 10), ("Kind", 14), ("What", 40), ("Date", 12),
    ("Waits for", 24), ("State", 16), ("Finding", 10), ("Confidence", 10), ("Decided by", 16),
    ("Decided at (UTC)", 18), ("Reason", 30), ("Quote", 60), ("Page", 6), ("Section", 10), ("Contract id", 12),
    ("Id", 12),
)  # fmt: skip
"""Columns of the review."""


class Sheet(NamedTuple):
    """A table with a heading for each column."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Any]]


def write_register(
    session: Session, out: IO[bytes], now: dt.datetime, judged: Judged, chosen: Filter | None = None
) -> None:
    """Write the workbook: a sheet of the deadlines that a filter lets through.

    Where nothing is chosen, all of them, and a sheet of what people have decided and have not.
    """
    sheets = [Sheet("Deadlines", DEADLINES, deadline_rows(session, judged, chosen or Filter(listed=Listed.ALL)))]
    if chosen is None:
        sheets.append(Sheet("Review", REVIEW, review_rows(session)))
    write_workbook(out, sheets, now)


def write_csv(session: Session, out: IO[str], judged: Judged, chosen: Filter | None = None) -> int:
    """Write the deadlines that a filter lets through as CSV (RFC 4180); how many."""
    # Excel takes a CSV file without a byte order mark for the local 8-bit encoding.
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for name, _ in DEADLINES])
    number = 0
    for number, row in enumerate(deadline_rows(session, judged, chosen or Filter(listed=Listed.ALL)), 1):  # noqa: B007
        writer.writerow([_plain(value) for value in row])
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_workbook(out: IO[bytes], sheets: Iterable[Sheet], now: dt.datetime) -> None:
    """Write sheets as XLSX."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {**options, "constant_memory": True}) as book:
        # The program is an author like any other; a date of its own would make every file differ.
        book.set_properties({"author": "milepost", "created": now.replace(tzinfo=None)})
        formats = _Formats(
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            book.add_format({"num_format": "#,##0.00"}),
        )
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, formats)


class _Formats(NamedTuple):
    heading: Any
    day: Any
    moment: Any
    money: Any


def _write(page: Any, sheet: Sheet, formats: _Formats) -> None:
    for at, (heading, width) in enumerate(sheet.columns):
        page.set_column(at, at, width)
        page.write_string(0, at, heading, formats.heading)
    page.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(sheet.rows, 1):
        for at, value in enumerate(row):
            _cell(page, last, at, value, formats)
    page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _cell(page: Any, row: int, at: int, value: Any, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, dt.datetime):
        page.write_datetime(row, at, value.astimezone(dt.UTC).replace(tzinfo=None), formats.moment)
    elif isinstance(value, dt.date):
        # The calendar of spreadsheets begins in 1900.
        if value.year >= 1900:
            page.write_datetime(row, at, value, formats.day)
        else:
            page.write_string(row, at, value.isoformat())
    elif isinstance(value, str):
        page.write_string(row, at, value[:_LONGEST])
    elif isinstance(value, int):
        page.write_number(row, at, value)
    else:
        page.write_number(row, at, float(value), formats.money)


def deadline_rows(session: Session, judged: Judged, chosen: Filter) -> Iterable[Sequence[Any]]:
    """A row for each occurrence that a filter lets through, by day, with the evidence it was confirmed by."""
    rows = find(session, chosen, judged)
    for start in range(0, len(rows), _AT_ONCE):
        some = lines(session, rows[start : start + _AT_ONCE], judged)
        contracts = {line.row.contract_id for line in some}
        items = _items(session, contracts)
        names = dict(
            session.exec(select(Contract.id, Contract.name).where(col(Contract.id).in_(sorted(contracts)))).all()
        )
        for line in some:
            yield _deadline(line, items.get(line.row.milestone_key), names.get(line.row.contract_id), judged.today)


def _deadline(line: Line, item: ReviewItem | None, document: str | None, today: dt.date) -> Sequence[Any]:
    row, contract, proof = line.row, line.contract, line.row.proof or {}
    return (
        line.contract_name,
        contract.counterparty if contract else None,
        row.kind,
        row.title,
        line.standing.replace("_", " "),
        row.act_by,
        row.send_by,
        row.due,
        (row.act_by - today).days if row.act_by is not None and row.state.open else None,
        row.amount,
        row.currency,
        line.owner,
        line.department,
        line.next_reminder,
        row.blocked_on,
        line.warning,
        row.done_on,
        row.closed_by,
        proof.get("note") or proof.get("file"),
        item.quote if item else None,
        item.page if item else None,
        _section(item) if item else None,
        document,
        row.derivation,
        item.confidence if item else None,
        item.decided_by_name if item else None,
        item.decided_at if item else None,
        row.contract_id,
        row.id,
    )


def review_rows(session: Session) -> Iterable[Sequence[Any]]:
    """A row for each item of the review."""
    statement = (
        select(ReviewItem, Contract)
        .join(Contract, col(Contract.id) == col(ReviewItem.contract_id))
        .order_by(col(Contract.name), col(ReviewItem.contract_id), col(ReviewItem.due), col(ReviewItem.id))
    )
    for item, contract in session.exec(statement.execution_options(yield_per=500)):
        yield (
            contract.title or contract.name,
            item.counterparty,
            item.subject,
            item.kind,
            item.title,
            item.due,
            item.blocked_on,
            item.state.replace("_", " "),
            item.finding,
            item.confidence,
            item.decided_by_name,
            item.decided_at,
            item.reason,
            item.quote,
            item.page,
            _section(item),
            item.contract_id,
            item.id,
        )


def _items(session: Session, contract_ids: Iterable[str]) -> dict[str, ReviewItem]:
    """The items that milestones were confirmed by, by what the milestones are known by."""
    wanted = sorted(contract_ids)
    found: dict[str, ReviewItem] = {}
    for start in range(0, len(wanted), 500):
        statement = select(ReviewItem).where(col(ReviewItem.contract_id).in_(wanted[start : start + 500]))
        found.update((item.milestone_key or item.id, item) for item in session.exec(statement))
    return found


def _section(item: ReviewItem) -> str | None:
    evidence = (item.human_value or {}).get("evidence") or [{}]
    section = evidence[0].get("section")
    return str(section) if section else None
