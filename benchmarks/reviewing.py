"""How quickly the review answers with a large queue: 100,000 items that wait, in 5,000 contracts.

    python benchmarks/reviewing.py [--url URL] [--contracts N] [--requests N] [--folder FOLDER]

Without a URL it runs on a SQLite database and, where pgserver is installed, on a PostgreSQL server of its own, both
made below FOLDER (default: a temporary one). A database that is there already, with as many items, is taken as it is.

The figures are milliseconds of server time, from the request's arrival at the application to its last byte, in one
process, one request at a time: median, 95th percentile, slowest. Beside them the processor time of this process and of
the PostgreSQL server together, median and 95th percentile: on a busy machine, where requests wait for the processor, it
tells more. The target is a 95th percentile below 100 ms for each page of the queue and each decision. Exit code 1 if
one of these misses it.
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
from store.review_queue import WAITING, next_item, place_of
from store.review_tables import ReviewItem
from store.tables import TABLES, Contract, Row

TARGET_MS = 100.0
PER_CONTRACT = 20
PAGES = 20
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
TEXT = "This Agreement is made between the parties named above.\n" * 40
_TOGETHER = 100
"""Contracts stored in one transaction while the database is made."""


class Series(NamedTuple):
    """The server times of one kind of request, in milliseconds."""

    name: str
    times: list[float]
    cpu: list[float]
    """Milliseconds of the processor, of this process and the database server."""
    held: bool = True
    """Whether it must meet the target."""

    @property
    def missed(self) -> bool:
        """Whether it should have met the target and did not."""
        return self.held and _p95(self.times) > TARGET_MS

    def __str__(self) -> str:
        figures = statistics.median(self.times), _p95(self.times), max(self.times)
        cpu = statistics.median(self.cpu), _p95(self.cpu)
        return f"  {self.name:38}" + "".join(f" {figure:7.1f}" for figure in (*figures, *cpu))


def _p95(times: list[float]) -> float:
    """What 95 of 100 requests stay below."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


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
                missed |= series.missed
                print(series)
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
        if engine.dialect.name == "sqlite":  # nobody gathers statistics there: plans must be good without
            connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    if engine.dialect.name == "postgresql":  # the server does so by itself, in its own time
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    ranking = time.perf_counter()
    ranked = refresh(engine, installed_weights(), NOW.date())
    with reading(engine) as session:
        there = session.exec(select(func.count()).select_from(ReviewItem)).one()
    print(f"  {there:,} items in {contracts:,} contracts, {ranking - started:.0f} s to make", end="")
    print(f"; {ranked:,} ranked in {time.perf_counter() - ranking:.1f} s")
    print(f"  {'milliseconds':38} {'median':>7} {'95 %':>7} {'most':>7} {'CPU':>7} {'95 %':>7}")
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
    library = Library(_Documents(UPath(folder / "documents")), _PlainReader(), folder / "pictures")
    services = Services(engine, library, lambda: NOW)
    access = Access(engine, lambda: NOW, local_name="benchmark")
    stopwatch = _Stopwatch(create_app(services, access, Perimeter(hosts=LOOPBACK_NAMES)), _server_processes(engine))
    draw = random.Random(11)
    found: list[Series] = []
    async with _browser(stopwatch) as client:

        async def series(
            name: str, ask: Callable[[], Awaitable[httpx.Response]], *, count: int = requests, held: bool = True
        ) -> None:
            times: list[float] = []
            cpu: list[float] = []
            for number in range(count + 3):
                answer = await ask()
                if answer.status_code >= 400:
                    raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")
                if number >= 3:  # the first ones load templates and compile statements
                    times.append(stopwatch.seconds * 1000)
                    cpu.append(stopwatch.cpu * 1000)
            found.append(Series(name, times, cpu, held))

        ids = _some(engine, 4 * requests + 50, draw)
        contracts = [contract for _, contract in ids]

        async def decide(how: str, body: dict[str, Any]) -> httpx.Response:
            id_, _ = ids.pop()
            with reading(engine) as session:
                version = session.get_one(ReviewItem, id_).version
            return await client.post(f"/api/v1/items/{id_}/{how}", json=body, headers={"if-match": f'"{version}"'})

        await series("queue page (HTML)", lambda: client.get("/queue"))
        await series("... of a contract", lambda: client.get(f"/queue?contract={draw.choice(contracts)}"))
        await series("... of a party", lambda: client.get(f"/queue?counterparty=supplier {draw.randrange(900)} "))
        await series("... of a kind", lambda: client.get("/queue?kind=notice"))
        await series("... not found", lambda: client.get("/queue?look=absent"))
        await series("... doubtful", lambda: client.get("/queue?sure=doubtful"))
        await series("... nobody's", lambda: client.get("/queue?whose=none"))
        await series("... with a text", lambda: client.get(f"/queue?q=clause {draw.randrange(400)}:"))
        await series("... with a text that most have", lambda: client.get("/queue?q=either party"), held=False)
        await series("... with a text that is nowhere", lambda: client.get("/queue?q=zeppelin"))
        await series("queue page (JSON)", lambda: client.get("/api/v1/items"))
        await series("... a contract", lambda: client.get(f"/api/v1/items?contract={draw.choice(contracts)}"))
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

        walk = _Walk(client, engine, library)
        await series("accept, the next item shown (HTML)", walk.accept)
        await series("skip, the next item shown (HTML)", walk.skip)
        await series("undo, the item shown (HTML)", walk.undo, count=requests // 2)
        walk.query = "?kind=effective_date"
        await series("accept a term, the next shown (HTML)", walk.accept)
        await series("undo that, the item shown (HTML)", walk.undo, count=requests // 2)
    return found


class _Walk:
    """A person who goes through the queue in the browser, from one item to the next.

    Each item is of another contract than the one before it, and its document has been opened before: so every step is
    answered with all that can change on the screen.
    """

    def __init__(self, client: httpx.AsyncClient, engine: Engine, library: Library) -> None:
        self._client = client
        self._engine = engine
        self._library = library
        self._here: str | None = None
        self.query = ""

    async def accept(self) -> httpx.Response:
        """Accept what is shown."""
        item = self._shown()
        form = {"version": str(item.version), "shown": item.contract_id}
        return self._moved(await self._ask("POST", f"/items/{item.id}/accept{self.query}", data=form))

    async def skip(self) -> httpx.Response:
        """Go on without deciding."""
        item = self._shown()
        path = f"/items/{item.id}/next{self.query}"
        return self._moved(await self._ask("GET", path, params={"shown": item.contract_id}))

    async def undo(self) -> httpx.Response:
        """Take back the last decision."""
        return self._moved(await self._ask("POST", f"/undo{self.query}", data={"shown": ""}))

    def _shown(self) -> ReviewItem:
        with reading(self._engine) as session:
            which = WAITING._replace(kinds=(self.query.partition("=")[2],)) if self.query else WAITING
            item = session.get(ReviewItem, self._here) if self._here else next_item(session, which)
            assert item is not None
            following = next_item(session, which, after=place_of(item))
            for one in (item, following):
                if one is not None:
                    self._library.sizes(session.get_one(Contract, one.contract_id).document_sha256)
        return item

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return await self._client.request(method, path, headers={"hx-request": "true"}, **given)

    def _moved(self, answer: httpx.Response) -> httpx.Response:
        path = answer.headers.get("hx-push-url", "").partition("?")[0]
        self._here = path.removeprefix("/items/") if path.startswith("/items/") else None
        return answer


@asynccontextmanager
async def _browser(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


class _Stopwatch:
    """The application, timed: what a request costs the server, without the client's share."""

    def __init__(self, app: ASGIApp, others: Callable[[], list[Path]]) -> None:
        self._app = app
        self._others = others
        self.seconds = 0.0
        self.cpu = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        others = self._others()
        spent = -_seconds_of(others)
        worked, started = time.process_time(), time.perf_counter()

        async def timed(message: Message) -> None:
            await send(message)
            self.seconds = time.perf_counter() - started
            self.cpu = time.process_time() - worked

        await self._app(scope, receive, timed)
        self.cpu += spent + _seconds_of(others)


def _server_processes(engine: Engine) -> Callable[[], list[Path]]:
    """What gives the folders of the database server's processes that serve us; none for SQLite, or a server elsewhere.

    Processes that help one of them for a moment are not among them.
    """
    if engine.dialect.name != "postgresql" or not Path("/proc").exists():
        return list
    watching = engine.connect()

    def found() -> list[Path]:
        pids = watching.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        folders = [Path("/proc") / str(pid) for pid in pids.scalars()]
        return [folder for folder in folders if folder.exists()]

    return found


def _seconds_of(processes: list[Path]) -> float:
    """Seconds of the processor that these processes have used."""
    return sum(int((process / "schedstat").read_text().split()[0]) for process in processes) / 1e9


class _Documents(BlobStore):
    """Has every document: an empty one."""

    @override
    def get(self, sha256: str) -> bytes:
        return b""


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
        pages=PAGES,
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
        return [(595, 842)] * PAGES

    @override
    def draw(self, data: bytes, page: int) -> bytes:
        return b""

    @override
    def locate(self, data: bytes, source: SourceText, page: int, spans: list[Span]) -> list[Box | None]:
        return [None for _ in spans]


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
