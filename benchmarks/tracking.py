"""How long finding and claiming due reminders takes, and whether it grows with what is not due.

    python benchmarks/tracking.py [--occurrences N] [--due N]

Fills a database with N occurrences (1,000,000 unless said otherwise) and their next reminders, of which ``--due``
(1,000) are due; times finding and claiming those, the best of three, and the same with a tenth of the occurrences.
Runs on SQLite and, where pgserver is installed, on PostgreSQL, in databases of its own in a temporary folder.
Exit code 1 if claiming takes longer than ``TARGET`` seconds, or grows with what is not due.
"""

import argparse
import datetime as dt
import importlib
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, Table, create_engine, insert, make_url, text, update
from sqlalchemy.pool import NullPool
from sqlmodel import col

from models.contract import Status
from models.tracked import OccurrenceState, OwnerKind, Purpose, ReminderState
from store import migrations
from store.engine import open_engine, writing
from store.tables import Contract, Document, Extraction, LedgerState, Row
from store.tracking_owners import EMAIL, add_owner
from store.tracking_reminders import claim, count_due
from store.tracking_tables import OccurrenceRow, ReminderRow

TARGET = 2.0
"""Seconds that finding and claiming what is due may take."""

GROWTH = 3.0
"""How many times longer ten times as many occurrences may take, noise included."""

NOW = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
_BASE = 20_000
"""Occurrences that are sent to the database one by one."""
_CLAIM = 500
_BEST_OF = 3
_PER_CONTRACT = 200


class Timed(NamedTuple):
    """Seconds for counting what is due, and for claiming all of it in runs' portions."""

    found: float
    claimed: float
    due: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--occurrences", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    given = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="milepost-benchmark-") as folder:
        for name, make in _databases(Path(folder)):
            with make(0) as engine:
                small = measure(engine, given.occurrences // 10, given.due)
            with make(1) as engine:
                large = measure(engine, given.occurrences, given.due)
            growth = (large.found + large.claimed) / max(small.found + small.claimed, 0.01)
            print(
                f"{name:<11} {given.occurrences:>9,} occurrences, {large.due:,} due: found in {large.found:.3f} s, "
                f"claimed in {large.claimed:.3f} s; {growth:.2f} times a tenth of them "
                f"({small.found:.3f} s, {small.claimed:.3f} s)"
            )
            good = good and large.found + large.claimed < TARGET and growth < GROWTH
    print("within the target" if good else f"over the target of {TARGET} s, or growing with what is not due")
    return 0 if good else 1


def measure(engine: Engine, occurrences: int, due: int) -> Timed:
    """Fill a database and time what a run does first."""
    fill(engine, occurrences, due)
    timed = []
    for _ in range(_BEST_OF):
        timed.append(_once(engine, due))
        with writing(engine) as session:
            planned = update(ReminderRow).where(col(ReminderRow.state) == ReminderState.CLAIMED)
            session.execute(planned.values(state=ReminderState.PLANNED, claim_token=None, claimed_at=None))
    return min(timed, key=lambda one: one.found + one.claimed)


def _once(engine: Engine, due: int) -> Timed:
    with writing(engine) as session:
        begin = time.perf_counter()
        count = count_due(session, NOW)
        found = time.perf_counter() - begin
    begin, claimed = time.perf_counter(), 0
    while True:
        with writing(engine) as session:
            rows = claim(session, "benchmark", now=NOW, limit=_CLAIM)
        if not rows:
            break
        claimed += len(rows)
    seconds = time.perf_counter() - begin
    if claimed != due or count != due:
        raise SystemExit(f"{due} are due, {count} were found and {claimed} claimed")
    return Timed(found, seconds, claimed)


def fill(engine: Engine, occurrences: int, due: int) -> None:
    """Occurrences over three years, each with its next reminder; the due ones lie scattered among the others."""
    with writing(engine) as session:
        owner = add_owner(session, "finance", OwnerKind.TEAM, now=NOW, email="finance@example.com").id
    contracts = max(1, occurrences // _PER_CONTRACT)
    step = max(1, min(occurrences, _BASE) // due)
    with engine.begin() as connection:
        for table, rows in _parents(contracts):
            connection.execute(insert(table), rows)
    base = min(occurrences, _BASE)
    with engine.begin() as connection:
        connection.execute(insert(_table(OccurrenceRow)), [_occurrence(n, contracts, owner) for n in range(base)])
        connection.execute(
            insert(_table(ReminderRow)),
            [_reminder(n, owner, due=n % step == 0 and n // step < due) for n in range(base)],
        )
    copied, made = 1, occurrences // base
    while copied < made:
        # Doubling what is there is quicker than to send it; what is due stays as many.
        more = min(copied, made - copied)
        with engine.begin() as connection:
            for row, where in ((OccurrenceRow, "true"), (ReminderRow, "fire_at > :now")):
                connection.execute(text(_copy(_table(row), copied, more, where)), {"now": _moment(engine)})
        copied += more
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def _copy(table: Table, copied: int, more: int, where: str) -> str:
    """Copy ``more`` of the ``copied`` portions of a table that there are; ids begin with the number of the portion."""
    number = "CAST(substr({0}, 1, 8) AS integer)"
    moved = f"CAST({number} + {copied} AS text) || substr({{0}}, 9)"
    names = [column.name for column in table.columns]
    values = [moved.format(name) if name in ("id", "occurrence_id") else name for name in names]
    portion = f"{number.format('id')} - 10000000 < {more}"
    columns, chosen = ", ".join(names), ", ".join(values)
    return f"INSERT INTO {table.name} ({columns}) SELECT {chosen} FROM {table.name} WHERE {where} AND {portion}"


def _table(row: type[Row]) -> Table:
    return Row.metadata.tables[str(row.__tablename__)]


def _parents(contracts: int) -> Iterator[tuple[Table, list[dict[str, object]]]]:
    names = [f"{number:064}" for number in range(contracts)]
    yield _table(Document), [{"sha256": name, "size": 1, "name": "a.pdf", "created_at": NOW} for name in names]
    yield (
        _table(Extraction),
        [
            {
                "id": name[32:],
                "document_sha256": name,
                "ruleset_version": "1",
                "model_version": "1",
                "status": Status.OK,
                "state": LedgerState.DONE,
                "outcome": {},
                "created_at": NOW,
            }
            for name in names
        ],
    )
    yield (
        _table(Contract),
        [
            {
                "id": name[32:],
                "document_sha256": name,
                "extraction_id": name[32:],
                "name": "a.pdf",
                "parties": [],
                "draft": False,
                "created_at": NOW,
                "updated_at": NOW,
            }
            for name in names
        ],
    )


def _name(number: int) -> str:
    return f"10000000{number:024x}"


def _moment(engine: Engine) -> object:
    """``NOW`` as the database keeps it."""
    return NOW if engine.dialect.name == "postgresql" else f"{NOW:%Y-%m-%d %H:%M:%S.%f}"


def _occurrence(number: int, contracts: int, owner: str) -> dict[str, object]:
    day = TODAY + dt.timedelta(days=number % 1_095)
    return {
        "id": _name(number),
        "contract_id": f"{number % contracts:032}",
        "milestone_key": f"{number // 36:032x}",
        "kind": "payment",
        "title": "Monthly fee",
        "cycle": 0,
        "sequence": f"{number % 36}",
        "due": day,
        "act_by": day,
        "state": OccurrenceState.PLANNED,
        "expected": False,
        "waits_for": [],
        "owner_id": owner,
        "owner_fixed": False,
        "missed": False,
        "planned_as": "x",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _reminder(number: int, owner: str, *, due: bool) -> dict[str, object]:
    hours = dt.timedelta(hours=1 + number % 26_000)
    return {
        "id": _name(number),
        "occurrence_id": _name(number),
        "purpose": Purpose.RUNG,
        "rung": 3,
        "due": TODAY,
        "fire_at": NOW - dt.timedelta(minutes=number % 600) if due else NOW + hours,
        "recipient_id": owner,
        "channel": EMAIL,
        "state": ReminderState.PLANNED,
        "attempts": 0,
        "created_at": NOW,
    }


class _Make(NamedTuple):
    """Makes databases, by number."""

    folder: Path
    server: str | None

    @contextmanager
    def __call__(self, number: int) -> Iterator[Engine]:
        url = self._url(number)
        migrations.upgrade(url)
        engine = open_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()

    def _url(self, number: int) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder / f'{number}.db'}"
        server = make_url(self.server).set(drivername="postgresql+psycopg")
        admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE benchmark_{number}")
        return server.set(database=f"benchmark_{number}").render_as_string(hide_password=False)


def _databases(folder: Path) -> Iterator[tuple[str, _Make]]:
    yield "sqlite", _Make(folder, None)
    with warnings.catch_warnings():
        # Says where it puts its lock file on a machine without a session manager.
        warnings.simplefilter("ignore")
        try:
            pgserver = importlib.import_module("pgserver")
        except ImportError:
            print("postgresql: not measured, pgserver is not installed")
            return
        server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield "postgresql", _Make(folder, server.get_uri())
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
