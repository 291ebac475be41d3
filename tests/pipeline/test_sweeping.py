"""Sweeping inboxes: folders and object stores. What is whole and new is read once; nothing else holds it up."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from upath import UPath

from models.contract import Status
from models.family import FamilyRole
from pipeline.document import Options, process
from pipeline.listing import Listing
from pipeline.onboard import look as look_at
from pipeline.sweeping import Sweep, SweepReport, address, files_of
from rules.loader import installed_rules
from store.engine import default_url, open_engine, reading, writing
from store.family_tables import FamilyLink, LinkState
from store.inboxes import troubled
from store.ledger import Manifest, begin_batch, claim, finish_batch, manifest, record
from store.recurring_tables import InboxFile, InboxState
from store.results import save_outcome
from store.tables import Contract
from store.verdicts import verdict

START = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
SETTLE = dt.timedelta(seconds=10)
MASTER = """SUPPLY AGREEMENT

This Supply Agreement is made as of March 1, 2021 (the "Effective Date") between Alder Widgets Ltd ("Supplier") and
Borealis Homes Inc. ("Customer").

1. Term. This Agreement begins on the Effective Date and continues for a period of {years} years.

2. Payment. Customer shall pay each invoice within thirty (30) days after receipt of the invoice.
"""
AMENDMENT = """FIRST AMENDMENT TO SUPPLY AGREEMENT

This First Amendment to the Supply Agreement dated as of March 1, 2021 between Alder Widgets Ltd ("Supplier") and
Borealis Homes Inc. ("Customer") is made as of June 1, 2021.

1. The reference to "thirty (30) days" in Section 2 is replaced by "sixty (60) days".

2. Except as amended, the Supply Agreement continues in full force and effect.
"""
LEASE = """LEASE

This Lease is made as of May 1, 2022 between Cedar Estates LLC ("Landlord") and Dogwood Bakery Corp. ("Tenant").

1. Term. The term begins on May 1, 2022 and continues for five (5) years.
"""
JUNK = "Bread, butter, milk.\n"


class Desk:
    """Sweeps with a clock that is set by hand. Documents are read in this process, as ``process`` reads them."""

    def __init__(self, folder: Path, *inboxes: str) -> None:
        self.engine: Engine = open_engine(default_url(folder), create=True)
        self.inboxes, self.folder, self.now = inboxes, folder, START
        self.reads: list[str] = []

    def look(self) -> Sweep:
        sweep = Sweep(
            engine=self.engine,
            inboxes=self.inboxes,
            settle=SETTLE,
            staging=self.folder / "arriving",
            largest=1_000_000,
            clock=lambda: self.now,
        )
        sweep.look()
        return sweep

    def sweep(self, *, killed: bool = False) -> SweepReport:
        """Look, wait, look again, and take what is whole."""
        self.look()
        self.now += SETTLE
        found = self.look()
        return found.take(partial(self.read, killed=killed))

    def read(self, listing: Listing, places: Mapping[str, str], *, killed: bool) -> Manifest:
        """Onboard, in short: the ledger and the store are the real ones."""
        seen = [look_at(places[path])._replace(path=path) for path in listing.files]
        with writing(self.engine) as session:
            batch = begin_batch(
                session, root=listing.root, files=seen, ruleset_version="r1", model_version="m1", now=self.now
            )
        while True:
            with writing(self.engine) as session:
                claims = claim(session, batch.id, 1, now=self.now)
            if not claims:
                break
            (one,) = claims
            self.reads.append(one.path)
            data = Path(places[one.path]).read_bytes()
            outcome = process(Path(one.path).name, data, installed_rules(), Options()).outcome
            with writing(self.engine) as session:
                if outcome.status is Status.FAILED and outcome.sha256 is None:
                    state, category, reason = verdict(outcome)
                    record(session, one.entry_id, state, now=self.now, category=category, reason=reason)
                else:
                    save_outcome(
                        session,
                        outcome,
                        ruleset_version="r1",
                        model_version="m1",
                        now=self.now,
                        size=len(data),
                        entry_id=one.entry_id,
                    )
        if killed:
            raise KeyboardInterrupt
        with writing(self.engine) as session:
            finish_batch(session, batch.id, now=self.now)
        with reading(self.engine) as session:
            return manifest(session, batch.id)

    def states(self) -> dict[str, InboxState]:
        with reading(self.engine) as session:
            return {row.path: row.state for row in session.exec(select(InboxFile))}

    def contracts(self) -> set[str]:
        with reading(self.engine) as session:
            return {row.name for row in session.exec(select(Contract))}


Put = Callable[[str, str], None]


@pytest.fixture(params=["folder", "object store"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "object store":
        root = UPath(f"memory://{tmp_path.name}/inbox")
        root.mkdir(parents=True)
        yield str(root)
        root.fs.rm(root.path, recursive=True)
        return
    folder = tmp_path / "inbox"
    folder.mkdir()
    yield str(folder)


@pytest.fixture
def put(inbox: str) -> Put:
    def write(name: str, text: str) -> None:
        path = UPath(inbox) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def desk(tmp_path: Path, inbox: str) -> Desk:
    return Desk(tmp_path, inbox)


def test_what_is_new_is_read_once_and_left_where_it_lies(desk: Desk, put: Put, inbox: str) -> None:
    put("supply.txt", MASTER.format(years="two (2)"))
    put("2022/lease.txt", LEASE)
    first = desk.sweep()
    assert first.sentence == "2 documents read."
    assert {one.title for one in first.read} == {"SUPPLY AGREEMENT", "LEASE"}
    assert desk.contracts() == {"supply.txt", "lease.txt"}
    assert desk.sweep() == SweepReport()
    assert len(desk.reads) == 2
    assert {seen.path for seen in files_of(inbox)} == {"supply.txt", "2022/lease.txt"}
    assert not (desk.folder / "arriving").exists()


def test_a_file_that_still_grows_is_waited_for(desk: Desk, put: Put) -> None:
    whole = MASTER.format(years="two (2)")
    for part in range(1, 4):
        put("supply.txt", whole[: len(whole) * part // 4])
        sweep = desk.look()
        assert (sweep.arrived, sweep.report.waiting) == (False, 1)
        desk.now += SETTLE / 2
    put("supply.txt", whole)
    desk.now += SETTLE
    assert not desk.look().arrived, "it has just changed"
    assert desk.sweep().sentence == "1 document read."
    assert len(desk.reads) == 1


@pytest.mark.parametrize(
    "name", [".supply.txt", "~$supply.docx", "supply.txt.part", "x.crdownload", ".git/config", "Thumbs.db"]
)
def test_what_no_one_would_call_a_document_is_left_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "inbox" / name).parent.mkdir(parents=True)
    (tmp_path / "inbox" / name).write_text(LEASE)
    assert list(files_of(str(tmp_path / "inbox"))) == []


def test_an_inbox_may_be_named_by_the_url_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "in box").mkdir()
    (tmp_path / "in box" / "lease.txt").write_text(LEASE)
    (read,) = Desk(tmp_path, (tmp_path / "in box").as_uri()).sweep().read
    assert read.path == str(tmp_path / "in box" / "lease.txt")


def test_a_bad_file_is_told_once_and_holds_up_nothing(desk: Desk, put: Put) -> None:
    put("list.txt", JUNK)
    put("supply.txt", MASTER.format(years="two (2)"))
    first = desk.sweep()
    assert first.sentence == "1 document read, 1 could not be read."
    assert not first.clean
    (failed,) = first.failed
    assert failed.path.endswith("list.txt")
    assert "does not read like a contract" in (failed.reason or "")
    second = desk.sweep()
    assert second == SweepReport()
    put("list.txt", LEASE)
    mended = desk.sweep()
    assert [one.title for one in mended.read] == ["LEASE"]
    assert desk.states()["list.txt"] is InboxState.READ


def test_the_same_bytes_under_another_name_are_known(desk: Desk, put: Put) -> None:
    put("supply.txt", MASTER.format(years="two (2)"))
    desk.sweep()
    put("copy of supply.txt", MASTER.format(years="two (2)"))
    (known,) = desk.sweep().known
    assert known.reason == "The same file as supply.txt, which was read before."
    assert len(desk.reads) == 1


def test_other_bytes_at_the_same_place_are_a_new_version_that_a_person_confirms(desk: Desk, put: Put) -> None:
    put("supply.txt", MASTER.format(years="two (2)"))
    desk.sweep()
    put("supply.txt", MASTER.format(years="three (3)"))
    (version,) = desk.sweep().read
    assert version.notes == ("A new version of SUPPLY AGREEMENT: a person confirms that it takes its place.",)
    with reading(desk.engine) as session:
        (link,) = session.exec(select(FamilyLink)).all()
        (row,) = session.exec(select(InboxFile)).all()
    assert (link.role, link.state, link.child_id) == (FamilyRole.NEWER_DRAFT, LinkState.PROPOSED, version.contract)
    why = "It lies where SUPPLY AGREEMENT lay before (supply.txt), between the same parties: a new version."
    assert link.reasons[-1] == why
    assert row.earlier_sha256 not in (None, row.sha256)


def test_another_contract_that_a_scanner_puts_at_the_same_place_is_no_version(desk: Desk, put: Put) -> None:
    put("scan0001.txt", MASTER.format(years="two (2)"))
    desk.sweep()
    put("scan0001.txt", LEASE)
    (other,) = desk.sweep().read
    assert other.notes == ("Another document lay there before (SUPPLY AGREEMENT); the two have no party in common.",)
    with reading(desk.engine) as session:
        assert session.exec(select(FamilyLink)).all() == []


def test_an_amendment_that_arrives_amends_the_contract_it_speaks_of(desk: Desk, put: Put) -> None:
    put("supply.txt", MASTER.format(years="two (2)"))
    desk.sweep()
    put("amendment.txt", AMENDMENT)
    (amendment,) = desk.sweep().read
    assert amendment.notes == ("Amendment of SUPPLY AGREEMENT (confirmed).",)


def test_a_sweep_that_was_killed_is_finished_by_the_next(desk: Desk, put: Put) -> None:
    put("supply.txt", MASTER.format(years="two (2)"))
    put("list.txt", JUNK)
    with pytest.raises(KeyboardInterrupt):
        desk.sweep(killed=True)
    assert set(desk.states().values()) == {InboxState.WAITING}
    report = desk.sweep()
    assert report.sentence == "1 document read, 1 could not be read."
    assert len(desk.reads) == 2, "what the killed sweep had read is not read again"


def test_what_cannot_be_fetched_is_told_once_and_tried_again(
    desk: Desk, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("lease.txt", LEASE)
    with monkeypatch.context() as broken:

        def out_of_reach(*_: object) -> None:
            raise OSError("the store does not answer")

        broken.setattr(Sweep, "_bring", out_of_reach)
        (failed,) = desk.sweep().failed
        assert failed.reason == "It cannot be fetched: the store does not answer."
        assert desk.sweep() == SweepReport()
    with reading(desk.engine) as session:
        assert [row.reason for row in troubled(session)] == [failed.reason]
    assert desk.sweep().sentence == "1 document read."
    with reading(desk.engine) as session:
        assert troubled(session) == []


def test_nobody_is_asked_about_a_file_that_lies_there_no_longer(desk: Desk, put: Put, inbox: str) -> None:
    put("list.txt", JUNK)
    put("supply.txt", MASTER.format(years="two (2)"))
    desk.sweep()
    put("supply.txt", JUNK + JUNK)
    put("lease.txt", LEASE)
    desk.look()
    for name in ("list.txt", "lease.txt", "supply.txt"):
        (UPath(inbox) / name).unlink()
    desk.look()
    with reading(desk.engine) as session:
        assert troubled(session) == []
    put("supply.txt", MASTER.format(years="three (3)"))
    (version,) = desk.sweep().read
    assert "A new version of SUPPLY AGREEMENT" in version.notes[0], "what lay there before is still known"


def test_a_file_beyond_the_limit_is_not_fetched(desk: Desk, put: Put) -> None:
    put("huge.txt", "x" * 1_000_001)
    (failed,) = desk.sweep().failed
    assert "1,000,001 bytes" in (failed.reason or "")
    assert desk.reads == []


@pytest.mark.parametrize(
    ("missing", "says"), [("{folder}/nowhere", "there is no such folder"), ("nonsense://bucket/x", "nonsense")]
)
def test_an_inbox_out_of_reach_is_told_and_holds_up_no_other(
    tmp_path: Path, inbox: str, put: Put, missing: str, says: str
) -> None:
    put("lease.txt", LEASE)
    desk = Desk(tmp_path, missing.format(folder=tmp_path), inbox)
    report = desk.sweep()
    assert len(report.read) == 1
    (problem,) = report.problems
    assert says in problem
    assert report.sentence == "1 document read, 1 inbox out of reach."


def test_an_inbox_is_known_by_one_address_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {address(one) for one in ("inbox", "./inbox/", f"{tmp_path}/inbox", (tmp_path / "inbox").as_uri())} == {
        f"{tmp_path}/inbox"
    }
    assert address("s3://bucket/contracts/") == "s3://bucket/contracts"
