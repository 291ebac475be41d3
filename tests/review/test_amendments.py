"""An amendment handed in at its contract: linked, shown with both values and quotes, approved or refused as one."""

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpx import Response
from sqlalchemy import Engine, event
from sqlmodel import Session, select
from upath import UPath

from milepost.replanning import replanning
from milepost.settings import Settings
from models.decision import Action, ItemState
from models.tracked import OccurrenceState, ReminderState
from pipeline.document import Options, process
from review.amending import ReadDocument
from review.app import create_app
from review.clause_text import clause_text
from review.deciding import accept
from review.diffing import word_diff
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from rules.loader import installed_rules
from store.amending import warning_of
from store.blobs import BlobStore
from store.engine import reading, writing
from store.family_tables import FamilyLink, LinkState
from store.fingerprint import fingerprint
from store.identity import contract_id
from store.results import save_outcome
from store.review_queue import items_of
from store.review_tables import DecisionRow
from store.tables import Contract
from store.tracking_tables import OccurrenceRow, ReminderRow
from tests.review.desk import ANNA, item
from tests.review.doors import Clock, browser
from tests.review.served import PlainReader

if TYPE_CHECKING:
    from starlette.testclient import TestClient

FAMILY = Path(__file__).parents[2] / "fixtures/families/changed-notice-period"
MASTER, AMENDMENT = "payroll-services-agreement.docx", "payroll-services-agreement-first-amendment.pdf"
NOTICE = "Give notice of non-renewal"
NOW = dt.datetime(2022, 7, 5, 9, 30, tzinfo=dt.UTC)
CONFIRMED = ("Effective date", "Expiration date", "Renewal term", "Notice period", NOTICE)


@cache
def taken_in(name: str, data: bytes) -> ReadDocument:
    """A file as the program reads it; each is read once."""
    processed = process(name, data, installed_rules(), Options(ocr=False, boxes=False))
    return ReadDocument(processed.outcome, "1", "1", len(data), processed.media_type)


@pytest.fixture
def contract(sqlite_engine: Engine) -> str:
    """A contract of which people confirmed the term and the notice, and which is tracked; its id."""
    read = taken_in(MASTER, (FAMILY / MASTER).read_bytes())
    with writing(sqlite_engine) as session:
        save_outcome(session, read.outcome, ruleset_version="1", model_version="1", now=NOW, size=1)
        for title in CONFIRMED:
            found = item(session, title)
            accept(session, found.id, found.version, ANNA, NOW)
        id_ = contract_id(read.outcome.sha256 or "")
        replanning(Settings())(session, id_, NOW)
    return id_


@pytest.fixture
def client(sqlite_engine: Engine, tmp_path: Path, contract: str) -> "TestClient":
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "cache")
    clock = Clock(NOW)
    services = Services(sqlite_engine, library, clock, intake=taken_in, replan=replanning(Settings()))
    app = create_app(services, Access(sqlite_engine, clock, local_name="Anna"), Perimeter(hosts=LOOPBACK_NAMES))
    return browser(app, url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin", "accept": "text/html"})


def words(answer: Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def hand_in(
    client: "TestClient", contract: str, name: str = AMENDMENT, path: str = "/contracts/{}/amendments"
) -> Response:
    files = {"file": (name, (FAMILY / name).read_bytes())}
    answer: Response = client.post(path.format(contract), files=files, follow_redirects=False)
    return answer


def the_link(engine: Engine) -> FamilyLink:
    with reading(engine) as session:
        [link] = session.exec(select(FamilyLink)).all()
        return link


def notice_due(session: Session) -> list[dt.date | None]:
    rows = session.exec(select(OccurrenceRow).where(OccurrenceRow.kind == "notice", OccurrenceRow.cycle == 1))
    return [row.due for row in rows if row.state is OccurrenceState.PLANNED]


def pending(session: Session) -> list[dt.date | None]:
    about = select(ReminderRow).join(OccurrenceRow).where(OccurrenceRow.kind == "notice", OccurrenceRow.cycle == 1)
    return sorted({row.due for row in session.exec(about) if row.state is ReminderState.PLANNED}, key=str)


def seen_on(page: Response) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page.text)
    assert found
    return found[1]


def test_an_amendment_handed_in_shows_both_values_with_both_quotes_and_what_moves(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    answer = hand_in(client, contract)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    said = words(page)
    assert "First Amendment to Payroll Services Agreement" in said
    assert "30 days" in said
    assert "90 days" in said
    assert "at least thirty (30) days before the end of the current term" in said
    assert "is hereby replaced by" in said
    assert "Anna Berg: accepted" in said, "the old decision stands beside it"
    assert "Deadlines and reminders that move" in said
    assert "1 Sep 2023" in said
    assert "3 Jul 2023" in said
    with reading(sqlite_engine) as session:
        assert notice_due(session) == [dt.date(2023, 9, 1)], "looking at it moves nothing"
        assert item(session, NOTICE, contract).state is ItemState.PENDING


def test_approving_moves_dates_deadlines_and_reminders_in_one_transaction(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    where = hand_in(client, contract).headers["location"]
    with reading(sqlite_engine) as session:
        key = item(session, NOTICE, contract).milestone_key or ""
        assert warning_of(session, contract, key) is not None
    client.post(f"{where}/approve", data={"seen": seen_on(client.get(where))}, follow_redirects=False)
    with reading(sqlite_engine) as session:
        assert notice_due(session) == [dt.date(2023, 7, 3)]
        assert pending(session) == [dt.date(2023, 6, 28)], "the day to send it by"
        assert warning_of(session, contract, key) is None
        assert item(session, NOTICE, contract).state is ItemState.ACCEPTED
        trail = [(row.action, row.actor_name) for row in session.exec(select(DecisionRow)) if row.at == NOW]
        assert (Action.SEEN, "Anna") in trail
        assert (Action.LINK, "Anna") in trail or (Action.LINK, "milepost") in trail
    assert "To be approved" not in words(client.get(where))


def test_refusing_brings_back_the_values_and_what_people_had_decided(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    with reading(sqlite_engine) as session:
        before = [(one.id, one.state, one.due, one.decided_by) for one in items_of(session, contract)]
    where = hand_in(client, contract).headers["location"]
    client.post(f"{where}/refuse", follow_redirects=False)
    with reading(sqlite_engine) as session:
        assert [(one.id, one.state, one.due, one.decided_by) for one in items_of(session, contract)] == before
        assert notice_due(session) == [dt.date(2023, 9, 1)]
    assert the_link(sqlite_engine).state is LinkState.REFUSED
    client.post(f"{where}/confirm", follow_redirects=False)
    with reading(sqlite_engine) as session:
        assert item(session, NOTICE, contract).state is ItemState.PENDING


def test_the_same_file_again_changes_nothing(client: "TestClient", contract: str, sqlite_engine: Engine) -> None:
    where = hand_in(client, contract).headers["location"]
    client.post(f"{where}/approve", data={"seen": seen_on(client.get(where))})
    with reading(sqlite_engine) as session:
        before, rows = fingerprint(session), len(session.exec(select(DecisionRow)).all())
    assert hand_in(client, contract).headers["location"] == where
    with reading(sqlite_engine) as session:
        assert (fingerprint(session), len(session.exec(select(DecisionRow)).all())) == (before, rows)
        assert len(session.exec(select(Contract)).all()) == 2


def test_what_changed_since_it_was_seen_is_not_approved(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    where = hand_in(client, contract).headers["location"]
    seen = seen_on(client.get(where))
    with writing(sqlite_engine) as session:
        found = item(session, NOTICE, contract)
        accept(session, found.id, found.version, ANNA, NOW)
    answer = client.post(f"{where}/approve", data={"seen": seen})
    assert answer.status_code == 409
    assert "has changed since you opened it" in words(answer)


@pytest.mark.parametrize("act", ["refuse", "confirm"])
def test_what_a_colleague_approved_meanwhile_is_not_decided_otherwise(
    client: "TestClient", contract: str, sqlite_engine: Engine, act: str
) -> None:
    where = hand_in(client, contract).headers["location"]
    seen = seen_on(client.get(where))
    client.post(f"{where}/approve", data={"seen": seen})
    answer = client.post(f"{where}/{act}", data={"seen": seen}, follow_redirects=False)
    assert answer.status_code == 409
    assert "has changed since you opened it" in words(answer)
    assert the_link(sqlite_engine).state is LinkState.CONFIRMED


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (MASTER, (FAMILY / MASTER).read_bytes(), "This file is the contract itself"),
        ("note.txt", b"lunch at noon", "does not read like a contract"),
        ("empty.pdf", b"", "Choose the file of the amendment first"),
    ],
)
def test_what_is_no_amendment_is_refused_in_a_sentence(
    client: "TestClient", contract: str, sqlite_engine: Engine, name: str, data: bytes, says: str
) -> None:
    answer = client.post(f"/contracts/{contract}/amendments", files={"file": (name, data)})
    assert answer.status_code == 422
    assert says in words(answer)
    with reading(sqlite_engine) as session:
        assert len(session.exec(select(Contract)).all()) == 1


@pytest.mark.parametrize(("day", "expected"), [("2022-06-30", "30 days"), ("2022-07-01", "90 days")])
def test_the_terms_that_govern_as_of_a_day_name_their_document(
    client: "TestClient", contract: str, day: str, expected: str
) -> None:
    hand_in(client, contract)
    page = client.get(f"/contracts/{contract}/governing?on={day}")
    said = words(page)
    document = (
        "First Amendment to Payroll Services Agreement" if expected == "90 days" else "Payroll Services Agreement"
    )
    assert re.search(rf"Notice to stop a renewal {expected}\W+{document}", said), said
    api = client.get(f"/api/v1/contracts/{contract}/governing?on={day}").json()
    [notice] = [one for one in api["terms"] if one["field"] == "notice_period"]
    assert (api["documents"][notice["document_id"]].lower() == document.lower()) is True


def test_programs_hand_in_see_and_approve_an_amendment(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    made = hand_in(client, contract, path="/api/v1/contracts/{}/amendments")
    assert made.status_code == 201, made.text
    found = made.json()
    moved = next(one for one in found["changes"] if one["what"] == NOTICE)
    assert (moved["old"]["latest"] or moved["old"]["date"], moved["new"]["latest"] or moved["new"]["date"]) == (
        "2023-09-01",
        "2023-07-03",
    )
    [listed] = client.get("/api/v1/amendments").json()
    assert (listed["id"], listed["waits"]) == (found["id"], True)
    path = f"/api/v1/amendments/{found['id']}"
    assert client.post(f"{path}/approve", json={"seen": "an older one"}).status_code == 422
    done = client.post(f"{path}/approve", json={"seen": client.get(path).json()["seen"]})
    assert (done.status_code, done.json()["waits"]) == (200, False)
    assert client.get("/api/v1/amendments/none").status_code == 404
    assert client.post(f"{path}/refuse").json()["state"] == "refused"


def test_the_list_shows_proposed_links_with_their_reasons(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    hand_in(client, contract)
    with writing(sqlite_engine) as session:
        [link] = session.exec(select(FamilyLink)).all()
        link.state, link.decided_by = LinkState.PROPOSED, None
        session.add(link)
    said = words(client.get("/amendments"))
    assert "It says the other is dated 2021-09-13" in said
    assert "It belongs to it" in said


class KilledError(Exception):
    """The process died."""


def test_a_crash_at_any_statement_of_an_approval_leaves_the_old_state_or_the_new_one(
    client: "TestClient", contract: str, sqlite_engine: Engine
) -> None:
    where = hand_in(client, contract).headers["location"]
    old, died, survives = _state(sqlite_engine), 0, 0
    while True:
        seen = seen_on(client.get(where))
        left = [survives]

        def kill(*_: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KilledError

        event.listen(sqlite_engine, "before_cursor_execute", kill)
        try:
            client.post(f"{where}/approve", data={"seen": seen}, follow_redirects=False)
        except KilledError:
            died += 1
        finally:
            event.remove(sqlite_engine, "before_cursor_execute", kill)
        if left[0] >= 0:
            break
        assert _state(sqlite_engine) == old
        survives += 7
    assert died > 5
    new = _state(sqlite_engine)
    assert new != old
    assert new[1] == [dt.date(2023, 7, 3)]


def _state(engine: Engine) -> tuple[object, ...]:
    with reading(engine) as session:
        rows = len(session.exec(select(DecisionRow)).all())
        items = [(one.id, one.state, one.due) for one in items_of(session, contract_id_of(session))]
        return fingerprint(session), notice_due(session), pending(session), rows, items


def contract_id_of(session: Session) -> str:
    return session.exec(select(FamilyLink)).one().parent_id


def test_a_clause_is_found_by_its_number_in_the_text() -> None:
    source = PlainReader().read("a.txt", b"2. FEES\n2.1 Oak pays.\nMore.\n2.2 Elm pays.\n3. TERM\n3.1 A year.\n")
    assert clause_text(source, "2.1") == "2.1 Oak pays.\nMore."
    assert clause_text(source, "Section 2.2") == "2.2 Elm pays."
    assert clause_text(source, "9.9") is None


def test_words_taken_out_come_before_those_put_in() -> None:
    pieces = word_diff("at least thirty (30) days before", "at least ninety (90) days before")
    assert [(str(one.what), one.text.strip()) for one in pieces] == [
        ("same", "at least"),
        ("deleted", "thirty (30)"),
        ("inserted", "ninety (90)"),
        ("same", "days before"),
    ]
