"""How quickly the review answers with a large queue: 100,000 items that wait, in 5,000 contracts.

    python benchmarks/reviewing.py [--url URL] [--contracts N] [--requests N] [--folder FOLDER]

Without a URL it runs on a SQLite database and, where pgserver is installed, on a PostgreSQL server of its own, both
made below FOLDER (default: a temporary one). A database that is there already, with as many items, is taken as it is.

The figures are milliseconds of server time, from the request's arrival at the application to its last byte, in one
process, one request at a time: median, 95th percentile, slowest; and of processor time in this process, the client's
share included: on a busy machine, where requests wait for the processor, it tells more. The target is a 95th percentile
below 100 ms for each page of the queue and each decision. Exit code 1 if one of these misses it.
"""

import argparse
import asyncio
import datetime as dt
import importlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from sqlalchemy import Engine, func, insert
from sqlalchemy import select as columns
from sqlmodel import col, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override
from upath import UPath

from models.contract import Milestone, MilestoneKind, Outcome, Party, Status, Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Shift, TermEnd
from models.evidence import Evidence, PageBox
from models.money import Amount
from models.period import Direction, Period, Unit
from models.source import Box, SourceText, Span
from review.app import create_app
from review.consequence import refresh
from review.library import Library, Reader
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from rules.review_policies import installed_weights
from store import migrations
from store.blobs import BlobStore
from store.engine import open_engine, reading, writing
from store.results import save_outcome
from store.review_tables import ReviewItem
from store.tables import TABLES, Row

TARGET_MS = 100.0
PER_CONTRACT = 20
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
TEXT = "This Agreement is made between the parties named above.\n" * 40
_TOGETHER = 100
"""Contracts stored in one transaction while the database is made."""


class Series(NamedTuple):
    """The server times of one kind of request, in milliseconds."""

    name: str
    times: list[float]
    cpu: float
    """Milliseconds of this process in a request, on average."""
    held: bool = True
    """Whether it must meet the target."""

    @property
    def p95(self) -> float:
        """What 95 of 100 requests stay below."""
        return statistics.quantiles(self.times, n=20)[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="database to run on (made if it is empty)")
    parser.add_argument("--contracts", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=200, help="of each kind")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made: Engine | None = None
        for name, url in _databases(options.url, folder):
            print(f"\n{name}")
            engine = made = _filled(url, options.contracts, made)
            for series in asyncio.run(_measured(engine, folder, options.requests)):
                missed |= series.held and series.p95 > TARGET_MS
                median, slowest = statistics.median(series.times), max(series.times)
                print(f"  {series.name:34} {median:7.1f} {series.p95:7.1f} {slowest:7.1f} {series.cpu:7.1f}")
            engine.dispose()
    return int(missed)


def _databases(url: str | None, folder: Path) -> Iterator[tuple[str, str]]:
    if url is not None:
        yield url.split(":", 1)[0], url
        return
    yield "SQLite", f"sqlite:///{folder / 'review.db'}"
    with _postgresql(folder / "postgresql") as server:
        if server is None:
            print("\nPostgreSQL: pgserver is not installed, left out")
        else:
            yield "PostgreSQL", server


@contextmanager
def _postgresql(folder: Path) -> Iterator[str | None]:
    try:
        pgserver: Any = importlib.import_module("pgserver")
    except ModuleNotFoundError:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


def _filled(url: str, contracts: int, made: Engine | None) -> Engine:
    """A database with that many contracts, most of which waits; copied from one that was made before."""
    started = time.perf_counter()
    migrations.upgrade(url)
    engine = open_engine(url)
    with reading(engine) as session:
        there = session.exec(select(func.count()).select_from(ReviewItem)).one()
    if there < contracts * PER_CONTRACT and made is not None:
        _copy(made, engine)
    elif there < contracts * PER_CONTRACT:
        draw = random.Random(7)
        outcomes = [_outcome(number, draw) for number in range(contracts)]
        for start in range(0, contracts, _TOGETHER):
            with writing(engine) as session:
                for outcome in outcomes[start : start + _TOGETHER]:
                    save_outcome(session, outcome, ruleset_version="r", model_version="m", now=NOW, size=len(TEXT))
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    ranking = time.perf_counter()
    ranked = refresh(engine, installed_weights(), NOW.date())
    with reading(engine) as session:
        there = session.exec(select(func.count()).select_from(ReviewItem)).one()
    print(f"  {there:,} items in {contracts:,} contracts, {ranking - started:.0f} s to make", end="")
    print(f"; {ranked:,} ranked in {time.perf_counter() - ranking:.1f} s")
    print(f"  {'milliseconds':34} {'median':>7} {'95 %':>7} {'most':>7} {'CPU':>7}")
    return engine


def _copy(source: Engine, target: Engine) -> None:
    """What one database holds of contracts and their items, into another that is empty."""
    with reading(source) as found, writing(target) as session:
        tables: tuple[type[Row], ...] = (*TABLES, ReviewItem)
        for table in tables:
            named = [getattr(table, name) for name in table.model_fields]
            rows = found.execute(columns(*named).execution_options(yield_per=_TOGETHER * 10))
            for chunk in rows.mappings().partitions():
                session.execute(insert(table), [dict(row) for row in chunk])


async def _measured(engine: Engine, folder: Path, requests: int) -> list[Series]:
    library = Library(BlobStore(UPath(folder / "documents")), _PlainReader(), folder / "pictures")
    services = Services(engine, library, lambda: NOW)
    access = Access(engine, lambda: NOW, local_name="benchmark")
    stopwatch = _Stopwatch(create_app(services, access, Perimeter(hosts=LOOPBACK_NAMES)))
    draw = random.Random(11)
    found: list[Series] = []
    async with _browser(stopwatch) as client:

        async def series(
            name: str, ask: Callable[[], Awaitable[httpx.Response]], *, count: int = requests, held: bool = True
        ) -> None:
            times: list[float] = []
            cpu = 0.0
            for number in range(count + 3):
                began = time.process_time()
                answer = await ask()
                if answer.status_code >= 400:
                    raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")
                if number >= 3:  # the first ones load templates and compile statements
                    times.append(stopwatch.seconds * 1000)
                    cpu += time.process_time() - began
            found.append(Series(name, times, cpu * 1000 / count, held))

        ids = _some(engine, 4 * requests + 50, draw)
        contracts = [contract for _, contract in ids]

        async def decide(how: str, body: dict[str, Any]) -> httpx.Response:
            id_, _ = ids.pop()
            with reading(engine) as session:
                version = session.get_one(ReviewItem, id_).version
            return await client.post(f"/api/v1/items/{id_}/{how}", json=body, headers={"if-match": f'"{version}"'})

        await series("queue page (HTML)", lambda: client.get("/queue"))
        await series("queue page of a contract (HTML)", lambda: client.get(f"/queue?contract={draw.choice(contracts)}"))
        await series("queue page (JSON)", lambda: client.get("/api/v1/items"))
        await series("... a contract", lambda: client.get(f"/api/v1/items?contract={draw.choice(contracts)}"))
        await series("... a kind", lambda: client.get("/api/v1/items?kind=notice"))
        await series("... a party", lambda: client.get(f"/api/v1/items?counterparty=supplier {draw.randrange(900)} "))
        await series("... a text that is nowhere", lambda: client.get("/api/v1/items?text=zeppelin"), held=False)
        await series("counts", lambda: client.get("/api/v1/counts"), count=requests // 4, held=False)
        await series("groups", lambda: client.get("/api/v1/groups"), count=requests // 10, held=False)
        await series("item", lambda: client.get(f"/api/v1/items/{draw.choice(ids)[0]}"))
        await series("accept", lambda: decide("accept", {}))
        await series("reject", lambda: decide("reject", {"reason": "not ours"}))
        date = {"change": {"timing": {"date": "2027-05-01"}}}
        ids[:] = _some(engine, 4 * requests, draw, kind="payment")
        await series("correct a milestone", lambda: decide("correct", date))
        ids[:] = _some(engine, 4 * requests, draw, kind="expiration_date")
        await series("correct a term, redate the rest", lambda: decide("correct", date))
        await series("undo", lambda: client.post("/api/v1/decisions/undo"), count=requests // 2)
    return found


@asynccontextmanager
async def _browser(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


class _Stopwatch:
    """The application, timed: what a request costs the server, without the client's share."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def timed(message: Message) -> None:
            await send(message)
            self.seconds = time.perf_counter() - started

        await self._app(scope, receive, timed)


def _some(engine: Engine, count: int, draw: random.Random, kind: str | None = None) -> list[tuple[str, str]]:
    """Ids of some items that wait, with their contracts."""
    statement = select(ReviewItem.id, ReviewItem.contract_id).where(ReviewItem.state == "pending")
    if kind is not None:
        statement = statement.where(ReviewItem.kind == kind)
    with reading(engine) as session:
        found = [(id_, contract) for id_, contract in session.exec(statement.order_by(col(ReviewItem.id)))]
    return draw.sample(found, min(count, len(found)))


def _outcome(number: int, draw: random.Random) -> Outcome:
    """A contract as the program might read it: five terms and fifteen milestones."""
    start = dt.date(2022, 1, 1) + dt.timedelta(days=draw.randrange(1_800))
    years = draw.choice((1, 2, 3, 5))
    effective = Anchor(name=AnchorName.EFFECTIVE_DATE)
    end = TermEnd(start=effective, period=Period(count=years, unit=Unit.YEAR))
    terms = (
        _term(TermField.AGREEMENT_DATE, draw, expr=Fixed(date=start)),
        _term(TermField.EFFECTIVE_DATE, draw, expr=Fixed(date=start)),
        _term(TermField.EXPIRATION_DATE, draw, expr=end),
        _term(TermField.NOTICE_PERIOD, draw, notice=Period(count=60, unit=Unit.DAY)),
        Term(field=TermField.RENEWAL_TERM, state=TermState.ABSENT, confidence=0.95),
        Term(field=TermField.TITLE, state=TermState.ABSENT, confidence=0.5),
        Term(
            field=TermField.PARTIES,
            state=TermState.ABSENT,
            confidence=0.5,
            parties=(Party(name=f"Supplier {number % 900} Ltd"), Party(name="Our Company Inc.")),
        ),
    )
    milestones = tuple(_milestone(place, draw) for place in range(PER_CONTRACT - 5))
    dated, due = resolve_contract(terms, milestones)
    return Outcome(
        file=f"contract {number:05}.pdf",
        sha256=f"{number:064x}",
        status=Status.OK,
        pages=20,
        terms=dated,
        milestones=due,
    )


def _term(field: TermField, draw: random.Random, **values: Any) -> Term:
    where = Evidence(start=100, end=160, quote=f"the {field} of this agreement as stated here", page=1, section="1.1")
    confidence = round(draw.uniform(0.5, 0.99), 3)
    return Term(field=field, state=TermState.FOUND, confidence=confidence, evidence=(where,), rule="t@1", **values)


def _milestone(place: int, draw: random.Random) -> Milestone:
    kind = draw.choice(list(MilestoneKind))
    term_end = Anchor(name=AnchorName.TERM_END)
    event = Anchor(name=AnchorName.EVENT, event="acceptance of the system")
    period = Period(count=draw.choice((10, 30, 60, 90)), unit=Unit.DAY)
    expr: DateExpr = draw.choice(
        (
            Fixed(date=dt.date(2026, 1, 1) + dt.timedelta(days=draw.randrange(1_500))),
            Shift(base=term_end, period=period, direction=Direction.BEFORE),
            Shift(base=event, period=period, direction=Direction.AFTER),
        )
    )
    variant = draw.randrange(400)
    quote = (
        f"Clause {variant}: either party shall, not later than {period} before or after the day named in this section, "
        f"do what section {variant % 30} asks for, in writing and at its own cost, unless the parties agree otherwise."
    )
    start = 1_000 * (place + 1)
    boxes = tuple(PageBox(place + 1, 0.1, 0.1 + line / 50, 0.9, 0.12 + line / 50) for line in range(3))
    where = Evidence(
        start=start, end=start + len(quote), quote=quote, page=place + 1, section=f"{place}.2", boxes=boxes
    )
    return Milestone(
        kind=kind,
        title=f"{kind.capitalize()} {variant}",
        evidence=(where,),
        rule=f"{kind}.rule@{variant % 7}",
        confidence=round(draw.uniform(0.3, 0.99), 3),
        expr=expr,
        amount=Amount(text="USD 5,000", currency="USD") if kind is MilestoneKind.PAYMENT else None,
    )


class _PlainReader(Reader):
    """Reads every document as the same page of text: what reading costs is another benchmark's question."""

    @property
    @override
    def version(self) -> str:
        return "benchmark"

    @override
    def read(self, name: str, data: bytes) -> SourceText:
        return SourceText(TEXT, (), ())

    @override
    def sizes(self, data: bytes) -> list[tuple[float, float]]:
        return [(595, 842)]

    @override
    def draw(self, data: bytes, page: int) -> bytes:
        return b""

    @override
    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        return [None for _ in spans]


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
