import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client
from sqlalchemy import Engine

from models.actor import Role
from review.api import document, router
from tests.review.desk import ACCEPTANCE, outcome, read
from tests.review.doors import program
from tests.review.routes import routes_of
from tests.review.served import ADDED, application, read_with_text, signed_in

END = "Expiration date"
NOTICE = "Last day to give notice"


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> FastAPI:
    return application(engine, tmp_path)


@pytest.fixture
def anna(engine: Engine, app: FastAPI, tmp_path: Path) -> Client:
    """Anna's program; one contract waits."""
    read_with_text(engine, tmp_path)
    return signed_in(engine, app)


def items(client: Client, **filters: Any) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/items", params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    return {found["title"]: found for found in answer.json()["items"]}


def decide(client: Client, title: str, how: str, body: dict[str, Any] | None = None) -> Any:
    found = items(client, state=["pending", "accepted", "corrected", "rejected"])[title]
    etag = {"if-match": f'"{found["version"]}"'}
    return client.post(f"/api/v1/items/{found['id']}/{how}", json=body or {}, headers=etag)


def test_every_route_of_the_api_asks_who_comes_and_changes_take_a_reviewer() -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    reading_posts = {"/api/v1/items/{item_id}/preview"}
    administered = {("PUT", "/api/v1/auto-accept"), ("POST", "/api/v1/auto-accept/run")}
    found = list(routes_of(app))
    assert len(found) > 20
    for path, method, role in found:
        reads = method in {"GET", "HEAD"} or path in reading_posts
        needed = Role.ADMIN if (method, path) in administered else Role.VIEWER if reads else Role.REVIEWER
        assert role is needed, (method, path)
    assert administered <= {(method, path) for path, method, _ in found}


def test_the_document_describes_every_route_with_a_stable_id_and_its_problems() -> None:
    described = document("1.2.3")
    operations = {
        operation["operationId"]: operation for path in described["paths"].values() for operation in path.values()
    }
    assert {
        "list_items",
        "accept_item",
        "supply_fact",
        "add_milestone",
        "decide_group",
        "undo_bulk",
        "set_auto_accept",
    } <= set(operations)
    for operation in operations.values():
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"]
    assert json.loads(json.dumps(described)) == described


def test_the_queue_is_read_page_by_page_in_one_order(anna: Client) -> None:
    whole = list(items(anna))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = anna.get("/api/v1/items", params=params).json()
        seen += [found["title"] for found in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole
    assert len(seen) == 10
    # What costs most and is least sure comes first; a title, which nothing hangs on, last.
    assert (seen[0], seen[-1]) == ("Agreement date", "Title")


def test_a_decision_needs_the_version_it_is_about(anna: Client) -> None:
    found = items(anna)[NOTICE]
    path = f"/api/v1/items/{found['id']}"
    seen = anna.get(path)
    assert seen.headers["etag"] == '"1"'
    bare = anna.post(f"{path}/accept")
    assert (bare.status_code, bare.headers["content-type"]) == (428, "application/problem+json")
    odd = anna.post(f"{path}/accept", headers={"if-match": "W/1"})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "if-match")
    accepted = anna.post(f"{path}/accept", headers={"if-match": seen.headers["etag"]})
    assert (accepted.status_code, accepted.json()["state"], accepted.headers["etag"]) == (200, "accepted", '"2"')
    late = anna.post(f"{path}/reject", headers={"if-match": '"1"'}, json={"reason": "no"})
    assert (late.status_code, late.json()["version"], late.json()["decided_by"]) == (412, 2, "Anna")
    assert late.json()["detail"] == "Anna was quicker: this item is accepted now."


def test_an_item_tells_its_value_what_the_program_read_and_what_hangs_on_it(anna: Client) -> None:
    found = anna.get(f"/api/v1/items/{items(anna)[END]['id']}").json()
    assert found["value"]["date"] == found["machine"]["date"] == "2027-10-01"
    assert [move["title"] for move in found["depends_on_it"]] == [NOTICE]
    assert found["depends_on_it"][0]["before"] == "3 Jul 2027"


def test_a_correction_is_previewed_then_made_and_moves_what_hangs_on_it(anna: Client) -> None:
    change = {"timing": {"period": {"count": 24, "unit": "month"}, "anchor": "effective_date"}}
    found = items(anna)[END]
    seen = anna.post(f"/api/v1/items/{found['id']}/preview", json=change).json()
    assert (seen["words"], seen["problem"]) == ("1 Oct 2026", None)
    assert [(move["title"], move["after"]) for move in seen["moves"]] == [(NOTICE, "3 Jul 2026")]
    assert items(anna)[NOTICE]["due"] == "2027-07-03"
    assert decide(anna, END, "correct", {"change": change}).json()["due"] == "2026-10-01"
    assert items(anna)[NOTICE]["due"] == "2026-07-03"
    rows = anna.get(f"/api/v1/items/{found['id']}/decisions").json()
    assert [(row["action"], row["before"]["due"], row["after"]["due"]) for row in rows] == [
        ("correct", "2027-10-01", "2026-10-01")
    ]
    bad = anna.post(f"/api/v1/items/{found['id']}/preview", json={"timing": {"date": "3027-01-01"}}).json()
    assert (bad["value"], bad["field"], bad["problem"]) == (None, "timing.date", "The year 3027 cannot be meant.")


def test_a_supplied_fact_dates_what_waits_and_can_be_withdrawn_or_undone(anna: Client) -> None:
    contract_id = items(anna)[NOTICE]["contract_id"]
    page = anna.get(f"/api/v1/contracts/{contract_id}").json()
    assert [one["anchor"] for one in page["waiting"]] == [ACCEPTANCE]
    fact = {"anchor": ACCEPTANCE, "date": "2026-05-03", "note": "protocol"}
    done = anna.post(f"/api/v1/contracts/{contract_id}/facts", json=fact)
    assert done.status_code == 201
    assert {found["title"]: found["due"] for found in done.json()["items"]} == {
        "Second instalment": "2026-06-02",
        "Review meeting": "2026-05-13",
    }
    withdrawn = anna.post(f"/api/v1/facts/{done.json()['fact']['id']}/withdraw")
    assert [found["due"] for found in withdrawn.json()["items"]] == [None, None]
    again = anna.post("/api/v1/decisions/undo").json()
    assert {found["due"] for found in again["items"]} == {"2026-06-02", "2026-05-13"}
    assert len(anna.get(f"/api/v1/contracts/{contract_id}").json()["facts"]) == 1


def test_a_milestone_is_added_at_the_passage_that_says_it(anna: Client) -> None:
    contract_id = items(anna)[NOTICE]["contract_id"]
    new = {
        "kind": "delivery",
        "title": "Return the moulds",
        "quote": ADDED.replace(" ", "\n", 3),
        "change": {"timing": {"period": {"count": 10, "unit": "day"}, "anchor": "term_end"}, "who": "Supplier"},
    }
    added = anna.post(f"/api/v1/contracts/{contract_id}/milestones", json=new)
    assert (added.status_code, added.json()["due"], added.json()["quote"]) == (201, "2027-10-11", ADDED)
    detail = anna.get(f"/api/v1/items/{added.json()['id']}").json()
    assert detail["machine"] is None
    evidence = detail["value"]["evidence"][0]
    assert (evidence["start"], evidence["page"], evidence["section"]) == (900, 1, "12.3")
    nowhere = anna.post(f"/api/v1/contracts/{contract_id}/milestones", json=new | {"quote": "The moon shall rise."})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "quote")


def test_a_document_whose_file_is_gone_says_so(engine: Engine, app: FastAPI) -> None:
    contract_id = read(engine)
    anna = signed_in(engine, app)
    new = {"kind": "delivery", "title": "Return the moulds", "quote": ADDED}
    gone = anna.post(f"/api/v1/contracts/{contract_id}/milestones", json=new)
    assert (gone.status_code, gone.headers["content-type"]) == (409, "application/problem+json")


def test_a_group_is_decided_and_undone_as_one(engine: Engine, app: FastAPI) -> None:
    for name in ("a.pdf", "b.pdf"):
        read(engine, outcome(name))
    anna = signed_in(engine, app)
    found = anna.get("/api/v1/groups", params={"kind": "notice"}).json()
    assert [(group["items"], group["contracts"]) for group in found["groups"]] == [(2, 2)]
    members = anna.get(f"/api/v1/groups/{found['groups'][0]['clause']}").json()["identical"]
    chosen = [{"item_id": one["item"]["id"], "version": one["item"]["version"]} for one in members]
    done = anna.post("/api/v1/groups/decide", json={"action": "accept", "items": chosen}).json()
    assert [one["state"] for one in done["items"]] == ["accepted", "accepted"]
    undone = anna.post(f"/api/v1/bulks/{done['bulk_id']}/undo").json()
    assert [one["state"] for one in undone["items"]] == ["pending", "pending"]
    assert undone["overtaken"] == []


def test_counts_tell_how_far_the_review_is(anna: Client) -> None:
    decide(anna, NOTICE, "accept")
    decide(anna, "First instalment", "reject", {"reason": "paid"})
    counted = anna.get("/api/v1/counts").json()
    assert (counted["done"], counted["total"], counted["open"]) == (2, 10, 8)
    assert counted["by_kind"]["payment"] == 1
    [contract] = anna.get("/api/v1/contracts").json()["contracts"]
    assert (contract["done"], contract["total"]) == (2, 10)


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"kind": ["review"]}, ["Review meeting"]),
        ({"finding": ["conflict", "absent"]}, ["Agreement date", "Renewal term"]),
        ({"min_confidence": 0.95, "max_confidence": 0.95}, ["Renewal term", "First instalment"]),
        ({"text": "INSTALMENT", "due_from": "2027-01-01"}, ["First instalment"]),
        ({"text": "100%_"}, []),
        ({"contract": "nowhere"}, []),
        ({"state": "accepted"}, []),
        ({"unassigned": True, "kind": "notice"}, [NOTICE]),
        ({"assignee": "ben"}, []),
        ({"subject": "milestone", "due_to": "2027-06-30"}, ["First instalment"]),
    ],
)
def test_filters_say_which_items(
    sqlite_engine: Engine, tmp_path: Path, filters: dict[str, Any], titles: list[str]
) -> None:
    read(sqlite_engine)
    client = signed_in(sqlite_engine, application(sqlite_engine, tmp_path))
    assert set(items(client, **filters)) == set(titles)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/items/nowhere", 404),
        ("/api/v1/items/nowhere/decisions", 404),
        ("/api/v1/contracts/nowhere", 404),
        ("/api/v1/groups/nowhere", 404),
        ("/api/v1/items?cursor=what", 422),
        ("/api/v1/items?cursor=WzEsMl0", 422),
        ("/api/v1/decisions?cursor=WyJhIl0", 422),
        ("/api/v1/contracts?cursor=WzEsMl0", 422),
        ("/api/v1/items?limit=0", 422),
        ("/api/v1/items?due_from=yesterday", 422),
        ("/api/v1/items?state=open", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_sentence(
    sqlite_engine: Engine, tmp_path: Path, path: str, status: int
) -> None:
    client = signed_in(sqlite_engine, application(sqlite_engine, tmp_path))
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_who_may_only_look_looks_and_who_is_nobody_does_not(sqlite_engine: Engine, tmp_path: Path) -> None:
    read(sqlite_engine)
    app = application(sqlite_engine, tmp_path)
    vera = signed_in(sqlite_engine, app, "vera", Role.VIEWER)
    assert len(items(vera)) == 10
    assert decide(vera, NOTICE, "accept").status_code == 403
    nobody = program(app)
    assert nobody.get("/api/v1/items").status_code == 401
    assert nobody.get("/api/v1/items").headers["content-type"] == "application/problem+json"
    assert vera.get("/api/v1/openapi.json").json()["info"] == {
        "title": "milepost",
        "version": "1.2.3",
        "description": document("1")["info"]["description"],
    }


def test_the_audit_trail_is_read_newest_first_and_exported_whole_in_order(anna: Client) -> None:
    for title in (NOTICE, "First instalment", "Renewal term"):
        decide(anna, title, "accept")
    page = anna.get("/api/v1/decisions", params={"limit": 2}).json()
    rest = anna.get("/api/v1/decisions", params={"limit": 2, "cursor": page["next"]}).json()
    assert [len(page["decisions"]), len(rest["decisions"]), rest["next"]] == [2, 1, None]
    exported = [json.loads(line) for line in anna.get("/api/v1/decisions/export").text.splitlines()]
    assert exported == [*rest["decisions"], *reversed(page["decisions"])]
    assert {row["actor_name"] for row in exported} == {"Anna"}
    mine = anna.get("/api/v1/decisions", params={"actor": exported[0]["actor_id"], "action": "reject"}).json()
    assert mine["decisions"] == []


def test_acceptance_by_policy_is_switched_by_an_administrator_who_saw_it(engine: Engine, app: FastAPI) -> None:
    read(engine)
    ada = signed_in(engine, app, "ada", Role.ADMIN)
    seen = ada.get("/api/v1/auto-accept")
    assert (seen.json()["policy"]["on"], seen.headers["etag"]) == (False, '"0"')
    assert ada.post("/api/v1/auto-accept/run").json()["accepted"] == []
    policy = {"on": True, "precision": 0.9, "sample": 0.2, "fewest": 50}
    assert ada.put("/api/v1/auto-accept", json=policy).status_code == 428
    done = ada.put("/api/v1/auto-accept", json=policy, headers={"if-match": '"0"'})
    assert (done.status_code, done.json()["policy"]["on"], done.headers["etag"]) == (200, True, '"1"')
    assert ada.put("/api/v1/auto-accept", json=policy, headers={"if-match": '"0"'}).status_code == 422
    anna = signed_in(engine, app)
    assert anna.put("/api/v1/auto-accept", json=policy, headers={"if-match": '"1"'}).status_code == 403


def test_rules_are_told_with_their_errors(anna: Client) -> None:
    decide(anna, NOTICE, "reject", {"reason": "no"})
    found = anna.get("/api/v1/rules").json()
    [rule] = found["rules"]
    assert (rule["rule"], rule["rejected"], rule["wrong"]["share"]) == ("notice.rule@1", 1, 1.0)
    assert found["missed"] == {}
