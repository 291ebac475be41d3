"""The forms of deadlines and contracts behind the real doors: hand over, waive, decide, enter, say; and who may."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Engine

from models.actor import Role
from models.tracked import OccurrenceState, Risk, Stage
from store.engine import reading
from store.tracking_occurrences import cycle_decisions, entered_deadlines, occurrences_of, tracked
from tests.review.doors import browser, enter, person
from tests.review.routes import routes_of
from tests.tracking.building import (
    START,
    after_event,
    contract,
    effective,
    lasting,
    milestone,
    noticed,
    perpetual,
    renewing,
    store_contracts,
)
from tests.tracking.office import Office
from tests.tracking.served import tracking_app

LATE = milestone("delivery", "delivery", date="2025-12-20")
FEE = milestone("fee", "payment", after_event("delivery", "30 days"), waits_for=("delivery",))
SUPPLY = contract("Supply", effective("2025-01-01"), perpetual(), milestones=[LATE, FEE])
ROLLING = contract("Cleaning", effective("2025-06-01"), lasting("1 year"), renewing("1 year"), noticed("90 days"))
NEW = contract("Draft", draft=True)


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    office = Office(sqlite_engine, [SUPPLY, ROLLING])
    store_contracts(sqlite_engine, [NEW])
    office.portfolio.put(NEW)
    office.run(START)
    return office


@pytest.fixture
def app(office: Office, tmp_path: Path) -> FastAPI:
    return tracking_app(office, tmp_path)


@pytest.fixture
def client(app: FastAPI) -> Client:
    return browser(app)


def test_all_but_secret_addresses_ask_who_is_there(app: FastAPI) -> None:
    ours = {(path, method): role for path, method, role in routes_of(app) if _of_tracking(path)}
    secret = {path for (path, _), role in ours.items() if role is None}
    assert secret == {"/act/{token}", "/calendar/{token}.ics"}
    changing = {role for (path, method), role in ours.items() if method == "POST" and path not in secret}
    assert changing == {Role.REVIEWER}
    assert len(ours) > 20


def _of_tracking(path: str) -> bool:
    parts = ("/deadlines", "/calendar", "/reports", "/occurrences", "/acts", "/act/", "/contracts", "/import")
    return path.startswith(parts)


def test_every_attempt_to_deliver_stands_at_the_deadline(office: Office, client: Client) -> None:
    page = client.get(f"/occurrences/{office.occurrence('delivery').id}").text
    assert "Every attempt to deliver them" in page
    assert "procurement@example.com" in page
    assert "<td>Started</td>" in page


def test_a_late_deadline_shows_what_it_delays_and_the_other_what_it_waits_for(office: Office, client: Client) -> None:
    late, fee = office.occurrence("delivery"), office.occurrence("payment")
    page = client.get(f"/occurrences/{late.id}").text
    assert "16 days late. It delays:" in page
    assert fee.id in page
    waiting = client.get(f"/occurrences/{fee.id}").text
    assert "It waits for:" in waiting
    assert late.id in waiting
    assert "Delays 1 other" in client.get("/deadlines").text


def test_a_deadline_is_handed_over_and_its_history_says_so(office: Office, client: Client) -> None:
    path = f"/occurrences/{office.occurrence('delivery').id}"
    for nobody in ("", "0" * 32):
        assert client.post(f"{path}/delegate", data={"to": nobody}).status_code == 422
    assert client.post(f"{path}/delegate", data={"to": office.owner("legal").id}).status_code == 303
    page = client.get(path).text
    assert "Delegated: to legal" in page
    assert "chosen by a person" in page


def test_a_deadline_is_waived_for_a_reason(office: Office, client: Client) -> None:
    path = f"/occurrences/{office.occurrence('delivery').id}"
    assert client.post(f"{path}/waive", data={"reason": "  "}).status_code == 422
    assert client.post(f"{path}/waive", data={"reason": "bought <elsewhere>"}).status_code == 303
    assert office.occurrence("delivery").state is OccurrenceState.WAIVED
    assert "Waived: bought &lt;elsewhere&gt;" in client.get(path).text
    assert client.post(f"{path}/reopen").status_code == 303


def decide(client: Client, **form: str) -> int:
    data = {"cycle": "1", "choice": "terminate", "reason": "too dear", **form}
    return client.post(f"/contracts/{ROLLING.id}/decision", data=data).status_code


@pytest.mark.parametrize("form", [{"choice": ""}, {"choice": "wait"}, {"reason": " "}, {"cycle": "9"}, {"cycle": "0"}])
def test_a_decision_that_says_too_little_is_refused(office: Office, client: Client, form: dict[str, str]) -> None:
    assert decide(client, **form) == 422
    with reading(office.engine) as session:
        assert cycle_decisions(session, [ROLLING.id]) == {}


def test_to_terminate_keeps_the_notice_open_until_there_is_proof_that_it_was_sent(
    office: Office, client: Client
) -> None:
    assert decide(client) == 303
    assert office.occurrence("notice", 1).state is OccurrenceState.PLANNED
    file = {"file": ("letter.txt", b"Dear Sirs", "text/plain")}
    form = {"cycle": "1", "choice": "terminate", "reason": "too dear", "note": "by courier"}
    assert client.post(f"/contracts/{ROLLING.id}/decision", data=form, files=file).status_code == 303
    notice = office.occurrence("notice", 1)
    assert notice.state is OccurrenceState.DONE
    assert client.get(f"/occurrences/{notice.id}/proof").content == b"Dear Sirs"
    for path in (f"/contracts/{ROLLING.id}/deadlines", f"/occurrences/{notice.id}"):
        page = client.get(path).text
        assert "too dear" in page
        assert "by courier" in page
    with reading(office.engine) as session:
        assert len(cycle_decisions(session, [ROLLING.id])[ROLLING.id]) == 2, "the first one stays on record"


def test_the_proof_of_an_old_act_can_be_read(office: Office, client: Client) -> None:
    path = f"/occurrences/{office.occurrence('delivery').id}"
    client.post(f"{path}/done", data={"note": ""}, files={"file": ("r.txt", b"received", "text/plain")})
    client.post(f"{path}/reopen")
    assert client.get(f"{path}/proof").status_code == 404
    assert client.get("/acts/1/proof").content == b"received"
    for number in (2, 99, 2**40):
        assert client.get(f"/acts/{number}/proof").status_code == 404


def test_deadlines_before_signature_are_entered_and_withdrawn(office: Office, client: Client) -> None:
    path = f"/contracts/{NEW.id}"
    assert "Not tracked yet" in client.get(f"{path}/deadlines").text
    said = {"stage": "awaiting_approval", "risk": "high", "department": "legal"}
    assert client.post(f"{path}/settings", data=said).status_code == 303
    entered = {"kind": "approval", "title": "Board approval", "due": "2026-01-20", "owner": office.owner("finance").id}
    assert client.post(f"{path}/enter", data=entered).status_code == 303
    with reading(office.engine) as session:
        row = tracked(session, NEW.id)
        assert (row.stage, row.risk, row.department) == (Stage.AWAITING_APPROVAL, Risk.HIGH, "legal")
        (deadline,) = entered_deadlines(session, [NEW.id])[NEW.id]
        (occurrence,) = occurrences_of(session, NEW.id)
    assert occurrence.owner_id == office.owner("finance").id
    page = client.get(f"{path}/deadlines").text
    assert "Awaiting approval" in page
    assert "Entered: Board approval, 20 Jan 2026" in page
    assert client.post(f"/contracts/{SUPPLY.id}/withdraw", data={"deadline": deadline.id}).status_code == 422
    assert client.post(f"{path}/withdraw", data={"deadline": deadline.id}).status_code == 303
    with reading(office.engine) as session:
        assert [one.state for one in occurrences_of(session, NEW.id)] == [OccurrenceState.SUPERSEDED]


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("enter", {"kind": "approval", "title": "", "due": "2026-01-20"}),
        ("enter", {"kind": "approval", "title": "x", "due": "soon"}),
        ("enter", {"kind": "approval", "title": "x", "due": "2026-01-20", "owner": "nobody"}),
        ("settings", {"stage": "sleeping"}),
        ("settings", {"owner": "nobody"}),
        ("settings", {"ended": "x"}),
        ("withdraw", {"deadline": "none"}),
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again_with_what_is_wrong(
    client: Client, act: str, form: dict[str, str]
) -> None:
    answer = client.post(f"/contracts/{SUPPLY.id}/{act}", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_of_a_contract_that_is_not_there_nothing_is_shown_or_done(client: Client) -> None:
    assert client.get("/contracts/none/deadlines").status_code == 404
    assert (
        client.post("/contracts/none/enter", data={"kind": "x", "title": "x", "due": "2026-01-20"}).status_code == 404
    )


def test_a_viewer_reads_a_contract_and_changes_nothing(office: Office, app: FastAPI) -> None:
    person(office.engine, "vera", Role.VIEWER)
    client = browser(app)
    enter(client, office.engine, "vera")
    assert "<form" not in client.get(f"/contracts/{ROLLING.id}/deadlines").text
    assert decide(client) == 403
    for act in ("enter", "withdraw", "settings"):
        assert client.post(f"/contracts/{SUPPLY.id}/{act}", data={}).status_code == 403
    for act in ("delegate", "waive"):
        assert client.post(f"/occurrences/{office.occurrence('delivery').id}/{act}", data={}).status_code == 403


@pytest.mark.parametrize("number", [0, 10**30, -(10**30)])
def test_the_file_of_an_act_that_never_was_is_not_found(client: Client, number: int) -> None:
    assert client.get(f"/acts/{number}/proof").status_code == 404


def test_what_a_colleague_said_of_a_contract_meanwhile_is_not_written_over(office: Office, client: Client) -> None:
    path = f"/contracts/{SUPPLY.id}"
    found = re.search(r'name="seen" value="(\w+)"', client.get(f"{path}/deadlines").text)
    assert found is not None
    seen = {"seen": found[1]}
    assert client.post(f"{path}/settings", data={"department": "legal", **seen}).status_code == 303
    late = client.post(f"{path}/settings", data={"risk": "high", **seen})
    assert late.status_code == 422
    assert "Somebody has said something else since you opened this: look at it again." in late.text
    with reading(office.engine) as session:
        row = tracked(session, SUPPLY.id)
    assert (row.department, row.risk) == ("legal", None)
