"""The pages as a browser gets them: whole or in parts, and what is said when something is not right."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpx import Response
from sqlalchemy import Engine
from upath import UPath

from models.actor import Role
from review.app import create_app
from review.deciding import accept
from review.library import Library
from review.permissions import Access
from review.security import LOOPBACK_NAMES, Perimeter
from review.services import Services
from store.blobs import BlobStore
from store.engine import writing
from tests.review.desk import ANNA, NOW, item, milestone, outcome, read
from tests.review.doors import Clock, browser, person, sign_in
from tests.review.served import PlainReader, read_with_text

if TYPE_CHECKING:
    from starlette.testclient import TestClient

HX = {"hx-request": "true"}
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


@pytest.fixture
def client(sqlite_engine: Engine, tmp_path: Path) -> "TestClient":
    library = Library(BlobStore(UPath(tmp_path / "documents")), PlainReader(), tmp_path / "cache")
    services = Services(sqlite_engine, library, Clock())
    access = Access(sqlite_engine, Clock(), local_name="Vera")
    app = create_app(services, access, Perimeter(hosts=LOOPBACK_NAMES))
    return browser(app, url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin", "accept": "text/html"})


def found(engine: Engine, title: str) -> tuple[str, int]:
    with writing(engine) as session:
        one = item(session, title)
        return one.id, one.version


def words(answer: Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_an_address_gives_the_page_and_to_htmx_its_part(client: "TestClient", sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    id_, _ = found(sqlite_engine, "First instalment")
    whole, part = client.get(f"/items/{id_}"), client.get(f"/items/{id_}", headers=HX)
    assert whole.text.startswith("<!doctype html>")
    assert not part.text.lstrip().startswith("<!doctype")
    again = client.get(f"/items/{id_}", headers={**HX, "hx-history-restore-request": "true"})
    assert again.text.startswith("<!doctype html>")
    for answer in (whole, part):
        assert answer.headers["vary"] == "HX-Request, HX-History-Restore-Request"
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", answer.text)


def test_a_decision_answers_with_the_next_item_and_what_changed_beside_it(
    client: "TestClient", sqlite_engine: Engine
) -> None:
    contract = read(sqlite_engine)
    client.get("/queue")
    id_, version = found(sqlite_engine, "First instalment")
    answer = client.post(f"/items/{id_}/accept", headers=HX, data={"version": version, "shown": contract})
    assert answer.status_code == 200
    assert f'id="row-{id_}" hx-swap-oob="true" class="settled"' in answer.text
    assert "1 of 12 decided" in words(answer) or "1 of" in words(answer)
    assert f"/items/{id_}" not in answer.headers["hx-push-url"]
    assert 'id="document"' not in answer.text  # the same document is still shown
    assert "Accepted: First instalment." in words(answer)


def test_a_stale_version_is_answered_with_who_and_what(client: "TestClient", sqlite_engine: Engine) -> None:
    read(sqlite_engine)
    id_, version = found(sqlite_engine, "First instalment")
    with writing(sqlite_engine) as session:
        accept(session, id_, version, ANNA, NOW)
    answer = client.post(f"/items/{id_}/reject", headers=HX, data={"version": version, "reason": "no"})
    assert answer.status_code == 409
    assert "Anna Berg was quicker: this item is accepted now." in words(answer)
    assert "Nothing was overwritten." in words(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"how": "date", "date": "2026-02-30"}, "2026-02-30 is no date of the calendar"),
        ({"how": "date", "date": "3026-02-03"}, "The year 3026 is too far away"),
        ({"how": "counted", "count": "99999", "unit": "year", "anchor": "effective_date"}, "No date can be given"),
        ({"title": " "}, "Say in a few words what it is."),
        ({}, "Nothing was changed."),
    ],
)
def test_a_bad_edit_is_refused_with_all_that_was_typed(
    client: "TestClient", sqlite_engine: Engine, typed: dict[str, str], said: str
) -> None:
    read(sqlite_engine)
    id_, version = found(sqlite_engine, "First instalment")
    shown = client.get(f"/items/{id_}/edit", headers=HX).text
    form = {"version": str(version), "title": "First instalment", "kind": "payment", "how": "date"}
    form |= {"date": "2027-01-15", "unit": "day", "direction": "after", "anchor": "effective_date"} | typed
    assert 'value="2027-01-15"' in shown
    answer = client.post(f"/items/{id_}/correct", headers=HX, data=form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert all(f'value="{value}"' in answer.text for value in typed.values() if value.strip() and value != "counted")


def test_what_does_not_exist_is_not_found_in_page_and_part(client: "TestClient") -> None:
    for path in ("/items/none", "/contracts/none", "/groups/of/none", "/contracts/none/history.csv", "/nothing"):
        whole, part = client.get(path), client.get(path, headers=HX)
        assert (whole.status_code, part.status_code) == (404, 404), path
        assert whole.text.startswith("<!doctype html>"), path
        assert part.text.startswith("<div"), path
    assert client.get(f"/documents/{'a' * 64}/pages/1.jpg").status_code == 404
    assert client.get("/documents/../pages/1.jpg").status_code == 404
    assert "Nothing waits any more" in words(client.get("/groups/none"))


def test_nothing_that_a_contract_says_becomes_markup(client: "TestClient", sqlite_engine: Engine) -> None:
    one = milestone("payment", NASTY, 500, NASTY, None, who=NASTY, criteria=NASTY)  # type: ignore[arg-type]
    read(sqlite_engine, outcome(file=f"{NASTY[:20]}.pdf", milestones=(one,)))
    id_, _ = found(sqlite_engine, NASTY)
    contract = re.search(r'href="(/contracts/\w{32})"', client.get(f"/items/{id_}").text)
    assert contract
    for path in ("/queue", f"/items/{id_}", f"/items/{id_}/edit", contract.group(1), "/contracts", "/search?q=script"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "<img src=x" not in answer.text, path
        assert " 49" not in words(answer).replace("49 ", ""), path


def test_a_document_whose_file_is_gone_leaves_its_quotes(
    client: "TestClient", sqlite_engine: Engine, tmp_path: Path
) -> None:
    contract = read_with_text(sqlite_engine, tmp_path)
    assert "Customer shall pay the first instalment" in words(client.get(f"/contracts/{contract}/document"))
    lost = read(sqlite_engine, outcome(file="lost.pdf"))
    answer = client.get(f"/contracts/{lost}/document")
    assert "The document cannot be shown." in words(answer)
    assert "Its file is no longer where documents are kept." in words(answer)
    assert client.get(f"/queue?contract={lost}").status_code == 200


def test_a_viewer_looks_and_has_no_buttons_to_decide(sqlite_engine: Engine, client: "TestClient") -> None:
    read(sqlite_engine)
    id_, version = found(sqlite_engine, "First instalment")
    assert "Accept" in words(client.get(f"/items/{id_}"))
    person(sqlite_engine, "vera", Role.VIEWER)
    assert client.get(f"/items/{id_}").headers["location"] == f"/sign-in?next=%2Fitems%2F{id_}"
    sign_in(client, "vera")
    answer = client.get(f"/items/{id_}")
    assert answer.status_code == 200
    assert not re.search(r"/(accept|reject|edit|supply|undo|add)\b", answer.text)
    refused = client.post(f"/items/{id_}/accept", headers=HX, data={"version": version})
    assert refused.status_code == 403
    assert "has the role of viewer" in words(refused)


def test_health_is_told_to_everybody(client: "TestClient") -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").status_code == 200


def test_the_history_of_a_contract_cannot_become_a_formula(client: "TestClient", sqlite_engine: Engine) -> None:
    contract = read(sqlite_engine)
    id_, version = found(sqlite_engine, "First instalment")
    client.post(f"/items/{id_}/reject", data={"version": version, "reason": "=HYPERLINK(1)"})
    history = client.get(f"/contracts/{contract}/history.csv").text
    assert ",'=HYPERLINK(1)," in history


def test_static_files_may_be_kept_for_ever_and_pages_never(client: "TestClient") -> None:
    page = client.get("/contracts").text
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/app.js").headers.get("cache-control") != "immutable"
    assert client.get("/static/../app.py").status_code == 404
