"""``milepost import``: a register from a spreadsheet into the review; a preview unless it is to be applied."""

import datetime as dt
import getpass
import json
from collections.abc import Sequence
from pathlib import Path, PurePath

from rich.markup import escape
from sqlmodel import Session, select

from milepost.console import stdout, tell
from milepost.registers import Candidate, Column, Match, Register, Row, match, read_register
from milepost.settings import load_settings
from milepost.tables import plain_table
from milepost.wiring import use_config
from models.actor import Actor, local_actor
from models.derivation import date_words
from models.money import Amount
from store.engine import open_engine, reading, writing
from store.errors import StoreError
from store.importing import imported_milestone, propose
from store.tables import Contract


def run(
    file: Path,
    given: Sequence[str],
    sheet: str | None,
    data: Path | None,
    config: Path | None,
    *,
    apply: bool,
    as_json: bool,
) -> bool:
    """Show what a register holds and which contracts its rows are about; with ``apply`` put it into the review.

    Whether every row found its contract.
    """
    use_config(config)
    register = read_register(file, mapping(given), sheet)
    engine = open_engine(load_settings(data_dir=data).url)
    try:
        with reading(engine) as session:
            matched = matches(session, register)
        usable = usable_of(matched)
        added = 0
        if apply:
            actor = local_actor(getpass.getuser())
            with writing(engine) as session:
                added = propose_all(session, usable, actor, dt.datetime.now(dt.UTC), file.name)
    finally:
        engine.dispose()
    if as_json:
        print(json.dumps(_as_json(register, matched, added if apply else None), ensure_ascii=False, indent=1))
    else:
        _show(register, matched)
        if apply:
            print(f"{added} milestones wait in the review; {len(usable) - added} were there before.")
        else:
            print(f"{len(usable)} of {len(matched)} rows can be imported. Nothing was kept; to do it: --apply.")
    return len(usable) == len(matched)


Matched = list[tuple[Row, Match]]
"""Rows with the contracts they are about."""


def matches(session: Session, register: Register) -> Matched:
    """The rows of a register, each with the contract it is about, if that is sure."""
    candidates = _candidates(session)
    return [(row, match(row, candidates)) for row in register.rows]


def usable_of(matched: Matched) -> Matched:
    """The rows that can be imported."""
    return [(row, one) for row, one in matched if row.problem is None and one.contract_id is not None]


def propose_all(session: Session, usable: Matched, actor: Actor, now: dt.datetime, file: str) -> int:
    """Put rows into the review; how many were not there before."""
    return sum(_propose(session, row, one, actor, now, file) for row, one in usable)


def mapping(given: Sequence[str]) -> dict[Column, str]:
    """The columns named as ``date=Due by``. Raises StoreError for what is no column."""
    found: dict[Column, str] = {}
    for one in given:
        name, equals, heading = one.partition("=")
        if not equals or name.strip() not in list(Column):
            raise StoreError(
                f"{one!r} names no column.", f"Write --map COLUMN=HEADING, with one of {', '.join(Column)}."
            )
        found[Column(name.strip())] = heading.strip()
    return found


def _candidates(session: Session) -> list[Candidate]:
    return [
        Candidate(
            row.id,
            tuple(name for name in (row.title, PurePath(row.name).stem, row.name) if name),
            tuple(str(party["name"]) for party in row.parties if party.get("name")),
        )
        for row in session.exec(select(Contract))
    ]


def _propose(session: Session, row: Row, found: Match, actor: Actor, now: dt.datetime, file: str) -> bool:
    contract = session.get(Contract, found.contract_id)
    assert contract is not None
    assert row.date is not None
    amount = None
    if row.amount is not None:
        amount = Amount(text=f"{row.currency or ''} {row.amount:,}".strip(), value=row.amount, currency=row.currency)
    value = imported_milestone(row.kind, row.title, row.date, amount, row.who)
    return propose(session, contract, value, actor, now, source=f"{file}, row {row.number}") is not None


def _show(register: Register, matched: Sequence[tuple[Row, Match]]) -> None:
    columns = ", ".join(f"{name} = {heading!r}" for name, heading in register.columns.items())
    tell(f"Columns: {columns}.")
    table = plain_table("Row", "Contract", "What", "Kind", "Date", "Remark")
    for row, one in matched:
        contract = one.nearest if one.contract_id else f"? {row.contract or row.counterparty}"
        table.add_row(
            str(row.number),
            escape(contract or ""),
            escape(row.title),
            row.kind,
            date_words(row.date) if row.date else "",
            escape(remark(row, one)),
        )
    stdout().print(table)


def remark(row: Row, found: Match) -> str:
    """Why a row cannot be imported; empty if it can."""
    remarks = [row.problem] if row.problem else []
    if found.contract_id is None:
        remarks.append(f"no contract is sure; nearest: {found.nearest}" if found.nearest else "no contract is alike")
    return "; ".join(remarks)


def _as_json(register: Register, matched: Sequence[tuple[Row, Match]], added: int | None) -> dict[str, object]:
    return {
        "columns": {str(name): heading for name, heading in register.columns.items()},
        "applied": added is not None,
        "added": added,
        "rows": [
            {
                "row": row.number,
                "contract": row.contract,
                "contract_id": one.contract_id,
                "matched": one.nearest if one.contract_id else None,
                "nearest": one.nearest,
                "likeness": round(one.score, 1),
                "title": row.title,
                "kind": row.kind,
                "date": row.date.isoformat() if row.date else None,
                "amount": str(row.amount) if row.amount is not None else None,
                "problem": row.problem,
            }
            for row, one in matched
        ],
    }
