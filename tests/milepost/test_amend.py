"""``milepost amend``: what a document changes is shown, with both values and the words of both."""

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlmodel import select

from pipeline.document import Options, process
from rules.loader import installed_rules
from store.engine import default_url, open_engine, reading, writing
from store.family_tables import FamilyLink
from store.results import save_outcome
from store.tables import Contract
from tests.milepost.conftest import ROOT, Run

FAMILY = ROOT / "fixtures" / "families" / "changed-notice-period"
MASTER = FAMILY / "payroll-services-agreement.docx"
AMENDMENT = FAMILY / "payroll-services-agreement-first-amendment.pdf"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which the agreement was read."""
    engine = open_engine(default_url(tmp_path), create=True)
    outcome = process(MASTER.name, MASTER.read_bytes(), installed_rules(), Options()).outcome
    with writing(engine) as session:
        now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        save_outcome(session, outcome, ruleset_version="1", model_version="1", now=now, size=1)
    engine.dispose()
    return tmp_path


def stored(data: Path) -> tuple[int, int]:
    """How many contracts and links there are."""
    engine = open_engine(default_url(data))
    with reading(engine) as session:
        counted = len(session.exec(select(Contract)).all()), len(session.exec(select(FamilyLink)).all())
    engine.dispose()
    return counted


def test_old_and_new_stand_side_by_side_with_the_words_of_both(milepost: Run, data: Path) -> None:
    done = milepost("amend", MASTER.name, AMENDMENT, "--json", "--data", data)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    changes = {one["what"]: one for one in said["changes"]}
    assert (changes["notice_period"]["old"], changes["notice_period"]["new"]) == ("30 days", "90 days")
    moved = changes["Give notice of non-renewal"]
    assert (moved["old"], moved["new"], moved["understood"]) == ("1 Sep 2023", "3 Jul 2023", True)
    assert "thirty (30) days" in moved["old_quote"]
    assert moved["new_quote"].startswith('The reference to "thirty (30) days" in Section 3.2')
    assert stored(data) == (2, 1)


def test_a_dry_run_shows_the_same_and_keeps_nothing(milepost: Run, data: Path) -> None:
    done = milepost("amend", "Payroll Services Agreement", AMENDMENT, "--dry-run", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "1 Sep 2023" in done.stdout
    assert "3 Jul 2023" in done.stdout
    assert stored(data) == (1, 0)
    size = AMENDMENT.stat().st_size
    kept = [path for path in data.rglob("*") if path.is_file() and path.stat().st_size == size]
    assert not kept, "the document's bytes were put away"


@pytest.mark.parametrize(
    ("contract", "file", "says"),
    [
        ("nothing.pdf", AMENDMENT, "No contract is called 'nothing.pdf'"),
        (MASTER.name, MASTER, "This file is the contract itself"),
        (MASTER.name, FAMILY / "missing.pdf", "There is no such file"),
        ("abc", AMENDMENT, "No contract is called 'abc'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    milepost: Run, data: Path, contract: str, file: Path, says: str
) -> None:
    done = milepost("amend", contract, file, "--data", data)
    assert done.returncode == 3
    assert says in done.stderr
    assert stored(data) == (1, 0)
