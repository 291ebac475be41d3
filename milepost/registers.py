"""Reading a register of deadlines that people kept in a spreadsheet: its columns, its rows, its dates. Nothing is kept.

What cannot be read for sure is said, not guessed: ``03/04/2027`` is two days, and only who wrote it knows which.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from rapidfuzz import fuzz, process

from milepost.typed_dates import typed_date
from models.contract import MilestoneKind
from store.errors import StoreError

MAX_ROWS = 100_000
"""Rows of a register; a sheet with more is something else."""

_HEADER_WITHIN = 20
"""In how many first rows the headings are looked for."""

_SIMILAR = 88.0
"""From which likeness on, in per cent, a heading is taken for one that is known."""


class Column(StrEnum):
    """What a column of a register can hold."""

    CONTRACT = "contract"
    COUNTERPARTY = "counterparty"
    TITLE = "title"
    KIND = "kind"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    WHO = "who"


_HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.CONTRACT: ("contract", "contract name", "contract title", "agreement", "agreement name", "file", "file name",
                      "document", "vertrag", "contrat"),
    Column.COUNTERPARTY: ("counterparty", "party", "parties", "supplier", "vendor", "customer", "partner", "company",
                          "vertragspartner", "lieferant"),
    Column.TITLE: ("title", "milestone", "obligation", "what", "description", "task", "deliverable", "subject",
                   "bezeichnung"),
    Column.KIND: ("kind", "type", "category", "milestone type", "art"),
    Column.DATE: ("date", "due", "due date", "deadline", "due by", "due on", "expiry date", "expiration date",
                  "end date", "renewal date", "act by", "frist", "datum"),
    Column.AMOUNT: ("amount", "value", "sum", "fee", "price", "betrag"),
    Column.CURRENCY: ("currency", "ccy", "währung"),
    Column.WHO: ("who", "owner", "responsible", "responsible person", "assignee", "zuständig"),
}  # fmt: skip

_KINDS: dict[MilestoneKind, tuple[str, ...]] = {
    MilestoneKind.PAYMENT: ("payment", "invoice", "fee", "rent", "instalment"),
    MilestoneKind.NOTICE: ("notice", "non-renewal", "cancellation"),
    MilestoneKind.RENEWAL: ("renewal", "renew", "extension"),
    MilestoneKind.EXPIRATION: ("expiration", "expiry", "expires", "end of term", "end"),
    MilestoneKind.TERMINATION: ("termination", "terminate"),
    MilestoneKind.DELIVERY: ("delivery", "deliver", "deliverable", "handover"),
    MilestoneKind.REPORT: ("report", "reporting", "statement"),
    MilestoneKind.REVIEW: ("review", "audit", "assessment"),
}

UNSTATED = MilestoneKind.DELIVERY
"""What a row is taken for that names no kind: something to be done. Whoever decides about it corrects that."""


class Row(NamedTuple):
    """A row of a register as far as it could be read; ``problem`` says why it cannot be used."""

    number: int
    contract: str
    counterparty: str
    title: str
    kind: MilestoneKind
    date: dt.date | None
    amount: Decimal | None
    currency: str | None
    who: str | None
    problem: str | None = None


class Register(NamedTuple):
    """A register: its headings, which of them hold what, and its rows."""

    headings: tuple[str, ...]
    columns: Mapping[Column, str]
    rows: tuple[Row, ...]


def read_register(
    path: Path, mapping: Mapping[Column, str], sheet: str | None = None, *, guess: bool = True
) -> Register:
    """Read a register (XLSX or CSV). ``mapping`` names the heading of a column where guessing it would go wrong.

    Without ``guess`` no other columns are taken than those.

    Raises:
        StoreError: the file cannot be read, has no headings that are understood, or not those that are named.
    """
    table = list(_table(path, sheet))
    at = _header_row(table, mapping)
    headings = tuple(_text(cell) for cell in table[at][1]) if at is not None else ()
    columns = _columns(headings, mapping)
    if not guess:
        columns = {name: heading for name, heading in columns.items() if name in mapping}
    missing = [name for name in (Column.DATE,) if name not in columns]
    if Column.CONTRACT not in columns and Column.COUNTERPARTY not in columns:
        missing.append(Column.CONTRACT)
    if missing:
        found = ", ".join(heading for heading in headings if heading) or "none"
        raise StoreError(
            f"No column of {path.name} is understood as {' or as '.join(missing)} (headings: {found}).",
            f"Name it: --map {missing[0]}=HEADING.",
        )
    assert at is not None
    places = {name: headings.index(heading) for name, heading in columns.items()}
    rows = tuple(_row(number, cells, places) for number, cells in table[at + 1 :] if any(map(_text, cells)))
    return Register(headings, columns, rows)


def _table(path: Path, sheet: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows of a file with their numbers, from 1."""
    for number, cells in enumerate(_cells(path, sheet), 1):
        if number > MAX_ROWS:
            raise StoreError(f"{path.name} has more than {MAX_ROWS} rows.", "Split it.")
        yield number, cells


def _cells(path: Path, sheet: str | None) -> Iterator[Sequence[Any]]:
    if path.suffix.lower() in (".csv", ".txt"):
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                sample = file.read(8192)
                file.seek(0)
                delimiter = max(",;\t", key=sample.count)
                yield from csv.reader(file, delimiter=delimiter)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise StoreError(f"{path.name} cannot be read: {error}.", "Save it as CSV in UTF-8, or as XLSX.") from error
        return
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, SyntaxError, EOFError, BadZipFile, InvalidFileException) as error:
        raise StoreError(f"{path.name} cannot be read as a spreadsheet.", "Give an .xlsx or .csv file.") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise StoreError(
                f"There is no sheet {sheet!r} in {path.name}.", f"There are: {', '.join(book.sheetnames)}."
            )
        chosen = book[sheet] if sheet is not None else book.worksheets[0]
        yield from chosen.iter_rows(values_only=True)
    finally:
        book.close()


def _header_row(table: Sequence[tuple[int, Sequence[Any]]], mapping: Mapping[Column, str]) -> int | None:
    """Where the headings stand: in the first rows, the row of which most is understood."""
    return max(
        range(min(len(table), _HEADER_WITHIN)),
        key=lambda at: (len(_guessed([_text(cell) for cell in table[at][1]], mapping)), -at),
        default=None,
    )


def _columns(headings: Sequence[str], mapping: Mapping[Column, str]) -> dict[Column, str]:
    for name, heading in mapping.items():
        if _folded(heading) not in map(_folded, headings):
            raise StoreError(f"There is no heading {heading!r} for {name}.", f"There are: {', '.join(headings)}.")
    return _guessed(headings, mapping)


def _guessed(headings: Sequence[str], mapping: Mapping[Column, str]) -> dict[Column, str]:
    """Which heading holds what: those named, then those that are most alike what is known, each used once."""
    folded = {_folded(heading): heading for heading in reversed(headings) if heading}
    found = {name: folded[_folded(heading)] for name, heading in mapping.items() if _folded(heading) in folded}
    taken = set(found.values())
    scored: list[tuple[float, int, Column, str]] = []
    for name, known in _HEADINGS.items():
        for key, heading in folded.items():
            match = process.extractOne(key, known, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
            if match is not None:
                scored.append((-match[1], match[2], name, heading))
    for _, _, name, heading in sorted(scored):
        if name not in found and heading not in taken:
            found[name] = heading
            taken.add(heading)
    return found


def _row(number: int, cells: Sequence[Any], places: Mapping[Column, int]) -> Row:
    def cell(name: Column) -> Any:
        at = places.get(name)
        return cells[at] if at is not None and at < len(cells) else None

    stated = _text(cell(Column.KIND))
    title = _text(cell(Column.TITLE))
    kind = kind_of(stated) or kind_of(title)
    problems = []
    try:
        date = date_of(cell(Column.DATE))
    except ValueError as error:
        date = None
        problems.append(str(error))
    try:
        amount = amount_of(cell(Column.AMOUNT))
    except ValueError as error:
        amount = None
        problems.append(str(error))
    return Row(
        number=number,
        contract=_text(cell(Column.CONTRACT)),
        counterparty=_text(cell(Column.COUNTERPARTY)),
        title=title or stated or (kind or UNSTATED).value.capitalize(),
        kind=kind or UNSTATED,
        date=date,
        amount=amount,
        currency=_text(cell(Column.CURRENCY)).upper() or None,
        who=_text(cell(Column.WHO)) or None,
        problem="; ".join(problems) or None,
    )


def date_of(cell: Any) -> dt.date:
    """The day a cell holds. Raises ValueError, saying what is wrong with it."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = _text(cell)
    if not text:
        raise ValueError("no date")
    return typed_date(text)


def amount_of(cell: Any) -> Decimal | None:
    """The amount a cell holds, None if it is empty. Raises ValueError for what is no number for sure."""
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, int | float | Decimal):
        return Decimal(str(cell))
    text = re.sub(r"[\s\u00a0]", "", _text(cell))
    text = re.sub(r"^[A-Z]{3}|[A-Z]{3}$|[€$£]", "", text)
    if not text:
        return None
    # A comma stands before cents, or between thousands: only the latter is read, and only where it must be that.
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text) or re.fullmatch(r"\d+(\.\d{1,2})?", text):
        try:
            return Decimal(text.replace(",", ""))
        except InvalidOperation:
            pass
    raise ValueError(f"{_text(cell)[:40]!r} is no amount that is sure")


def kind_of(text: str) -> MilestoneKind | None:
    """The kind that words speak of, None if none."""
    folded = _folded(text)
    for kind in MilestoneKind:
        if folded == kind.value:
            return kind
    for kind, known in _KINDS.items():
        if any(re.search(rf"\b{re.escape(word)}s?\b", folded) for word in known):
            return kind
    return None


class Candidate(NamedTuple):
    """A contract that a row may be about."""

    id: str
    names: tuple[str, ...]
    parties: tuple[str, ...]


class Match(NamedTuple):
    """Which contract a row is about; ``contract_id`` None if none is sure, with the nearest one as a guess."""

    contract_id: str | None
    score: float
    nearest: str | None = None


_SURE = 85.0
_AHEAD = 4.0
_EXACT = 99.9
"""The same words: another contract may differ in its number alone, and still be another."""


def match(row: Row, candidates: Iterable[Candidate]) -> Match:
    """The contract of a row: the one most alike, if it is alike enough and no other is about as much."""
    scored = sorted(((_score(row, one), one) for one in candidates), key=lambda pair: (-pair[0], pair[1].id))
    if not scored or scored[0][0] <= 0:
        return Match(None, 0.0)
    best, contract = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0.0
    exact = best > _EXACT >= second
    if exact or (best >= _SURE and best - second >= _AHEAD):
        return Match(contract.id, best, contract.names[0])
    return Match(None, best, contract.names[0])


def _score(row: Row, candidate: Candidate) -> float:
    by_name = _alike(row.contract, candidate.names) if row.contract else None
    by_party = _alike(row.counterparty, candidate.parties) if row.counterparty else None
    if by_name is not None and by_party is not None and candidate.parties:
        return 0.6 * by_name + 0.4 * by_party
    return by_name if by_name is not None else by_party or 0.0


def _alike(text: str, names: Iterable[str]) -> float:
    folded = _folded(text)
    return max(
        (
            max(fuzz.token_sort_ratio(folded, name), 0.95 * fuzz.token_set_ratio(folded, name))
            for name in map(_folded, names)
        ),
        default=0.0,
    )


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[_\-.,;:/()&]+", " ", text.casefold()).split())


def _text(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""
