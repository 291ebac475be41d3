"""Reading a portfolio anew, from the documents that were kept, in worker processes as it is done for real."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select
from upath import UPath

from models.actor import Actor, Role
from models.contract import TermField
from pipeline.document import Job, Options, Processed, process, worker
from pipeline.guard import Bounds, Guard
from pipeline.rereading import Rereading
from pipeline.versions import Versions, versions
from rules.loader import installed_rules
from rules.schema import RuleSet
from store import rereads
from store.blobs import BlobStore
from store.engine import default_url, open_engine, reading, writing
from store.fingerprint import fingerprint
from store.queries import terms_of
from store.recurring_tables import RereadingState, RereadState
from store.results import save_outcome
from store.review_tables import DecisionRow, ReviewItem
from store.tables import Contract

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
OLD = Versions("older rules", "an older program")
ADA = Actor(id="ada", name="Ada Admin", role=Role.ADMIN)
OF_NOTICE = "notice."
"""How the rules begin that read how a renewal is stopped."""
RENEWING = (3, 17, 29)
"""Contracts that say how their renewal is stopped."""


def contract(number: int) -> bytes:
    """A supply agreement; each differs from all others, and some renew."""
    trees = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")
    supplier = f"{trees[number % 10]} {trees[number // 10 % 10]} {trees[number // 100 % 10]} Supplies Ltd"
    renewal = f"""2. Renewal. This Agreement renews for successive periods of one (1) year unless either party gives
written notice of non-renewal at least {30 + number} days before the end of the then-current term."""
    return f"""SUPPLY AGREEMENT

This Supply Agreement is made as of March {1 + number % 28}, 20{21 + number % 5} (the "Effective Date") between
{supplier} ("Supplier") and Borealis Homes Inc. ("Customer"). It is agreement {number} of its kind.

1. Term. This Agreement begins on the Effective Date and continues for a period of two (2) years.

{renewal if number in RENEWING else "2. Renewal. This Agreement ends with its term."}

3. Payment. Customer shall pay each invoice within {15 + number % 45} days after receipt of the invoice.
""".encode()


def older_rules() -> RuleSet:
    """The rules before somebody wrote those that read how a renewal is stopped."""
    installed = installed_rules()
    terms = tuple(rule for rule in installed.rules["terms"] if not rule.id.startswith(OF_NOTICE))
    assert 0 < len(terms) < len(installed.rules["terms"])
    return dataclasses.replace(installed, rules=installed.rules | {"terms": terms})


class Office:
    """A data folder with contracts that another version read."""

    def __init__(self, folder: Path, count: int, rules: RuleSet) -> None:
        self.folder = folder
        self.engine: Engine = open_engine(default_url(folder), create=True)
        self.blobs = BlobStore(UPath(folder / "documents"))
        for number in range(count):
            data = contract(number)
            self.blobs.put(data)
            outcome = process(f"{number:04}.txt", data, rules, Options()).outcome
            with writing(self.engine) as session:
                save_outcome(
                    session,
                    outcome,
                    ruleset_version=OLD.ruleset,
                    model_version=OLD.model,
                    now=NOW,
                    size=len(data),
                )

    def reread(self, guard: Guard[Job, Processed], stop_after: int | None = None) -> rereads.Summary | None:
        """Read it anew; ``stop_after`` so many, as if the program had been killed then."""
        work = Rereading(
            engine=self.engine,
            blobs=self.blobs,
            guard=guard,
            versions=versions(installed_rules(), Options()),
            scratch=self.folder / "rereading",
            batch_size=stop_after or 25,
            clock=lambda: NOW,
        )
        work.begin()
        for _ in range(1 if stop_after else work.tasks):
            work.read_some()
        if stop_after or not work.reread_id:
            return None
        return work.finish()

    @property
    def state(self) -> tuple[str, int, int]:
        """What people see, in short: what was read, how many items wait or are decided, how long the trail is."""
        with reading(self.engine) as session:
            items = session.exec(select(func.count()).select_from(ReviewItem)).one()
            rows = session.exec(select(func.count()).select_from(DecisionRow)).one()
            versions_of = session.exec(select(func.sum(ReviewItem.version))).one()
            return fingerprint(session), items * 1_000_000 + versions_of, rows


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard[Job, Processed]]:
    with Guard[Job, Processed](partial(worker, Options()), 1, Bounds()) as running:
        yield running


def unchanged(office: Office, guard: Guard[Job, Processed], count: int) -> None:
    before = office.state
    found = office.reread(guard)
    assert found is not None
    assert (found.contracts, found.differ, found.state) == (count, 0, RereadState.UNCHANGED)
    assert found.counts == {RereadingState.SAME: count}
    assert office.state == before
    assert office.reread(guard) is None, "nothing is left to be read anew"


def test_re_reading_an_unchanged_portfolio_of_60_contracts_proposes_nothing(
    guard: Guard[Job, Processed], tmp_path: Path
) -> None:
    unchanged(Office(tmp_path, 60, installed_rules()), guard, 60)


@pytest.mark.slow
def test_re_reading_an_unchanged_portfolio_of_1000_contracts_proposes_nothing(
    guard: Guard[Job, Processed], tmp_path: Path
) -> None:
    unchanged(Office(tmp_path, 1000, installed_rules()), guard, 1000)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Thirty contracts read before some rules were written, three of which these are about."""
    return Office(tmp_path_factory.mktemp("office"), 30, older_rules())


def notice_periods(office: Office) -> dict[str, str]:
    with reading(office.engine) as session:
        found = {}
        for row in session.exec(select(Contract).order_by(Contract.name)):
            term = next(term for term in terms_of(session, row.id) if term.field is TermField.NOTICE_PERIOD)
            if term.machine_value.get("notice"):
                found[row.name] = f"{term.machine_value['notice']['count']} {term.machine_value['notice']['unit']}"
        return found


@pytest.mark.xdist_group("upgraded")
def test_a_killed_run_goes_on_and_new_rules_show_what_they_change_and_nothing_else(
    upgraded: Office, guard: Guard[Job, Processed]
) -> None:
    before = upgraded.state
    upgraded.reread(guard, stop_after=12)
    with reading(upgraded.engine) as session:
        batch = rereads.find_reread(session)
        assert batch.state is RereadState.READING
        assert len(rereads.waiting(session, batch.id)) == 18
    found = upgraded.reread(guard)
    assert found is not None
    assert found.sentence == "30 contracts re-read, 3 values differ"
    assert found.counts == {RereadingState.SAME: 27, RereadingState.DIFFERS: 3}
    with reading(upgraded.engine) as session:
        shown = [
            (contract.name, one.what, one.old, one.new) for contract, one in rereads.differences(session, found.id)
        ]
    assert [(name, what) for name, what, _, _ in shown] == [
        (f"{number:04}.txt", "Notice period") for number in RENEWING
    ]
    for number, (_, _, old, new) in zip(RENEWING, shown, strict=True):
        assert old is not None
        assert old["state"] == "absent"
        assert new is not None
        assert new["notice"]["count"] == 30 + number
        assert f"notice of non-renewal at least {30 + number} days" in " ".join(new["evidence"][0]["quote"].split())
    assert upgraded.state == before, "nothing has moved"
    assert notice_periods(upgraded) == {}


@pytest.mark.xdist_group("upgraded")
def test_accepting_moves_exactly_that(upgraded: Office, guard: Guard[Job, Processed]) -> None:
    upgraded.reread(guard)  # nothing is left to do where the test before ran in this process
    with writing(upgraded.engine) as session:
        rereads.accept_reread(session, rereads.find_reread(session), ADA, NOW)
    assert notice_periods(upgraded) == {f"{number:04}.txt": f"{30 + number} day" for number in RENEWING}


Damage = Callable[[BlobStore, str], None]


def _lost(blobs: BlobStore, sha256: str) -> None:
    blobs.path(sha256).unlink()


def _damaged(blobs: BlobStore, sha256: str) -> None:
    blobs.path(sha256).write_bytes(contract(999))


@pytest.mark.parametrize(("damage", "says"), [(_lost, "is not kept under"), (_damaged, "is damaged")])
def test_a_document_that_is_not_there_any_more_is_told_and_stays_as_it_was_read(
    guard: Guard[Job, Processed], tmp_path: Path, damage: Damage, says: str
) -> None:
    office = Office(tmp_path, 2, installed_rules())
    before = office.state
    with reading(office.engine) as session:
        first = session.exec(select(Contract).order_by(Contract.name)).all()[0]
    damage(office.blobs, first.document_sha256)
    found = office.reread(guard)
    assert found is not None
    assert found.counts == {RereadingState.SAME: 1, RereadingState.FAILED: 1}
    with reading(office.engine) as session:
        ((name, reason),) = rereads.failures(session, found.id)
    assert name == "0000.txt"
    assert says in reason
    assert office.state == before


def test_documents_that_are_kept_elsewhere_are_fetched_and_not_left_lying_about(
    guard: Guard[Job, Processed], tmp_path: Path
) -> None:
    office = Office(tmp_path, 3, installed_rules())
    elsewhere = BlobStore(UPath("memory://documents"))
    for number in range(3):
        elsewhere.put(contract(number))
    office.blobs = elsewhere
    found = office.reread(guard)
    assert found is not None
    assert found.counts == {RereadingState.SAME: 3}
    assert not list((tmp_path / "rereading").glob("*"))
