from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.actor import Actor, Role
from models.contract import Party, Term, TermField, TermState
from models.decision import Action, ItemState
from models.money import Amount
from models.tracked import Risk
from review import deciding
from review.errors import Forbidden
from review.routing import cases_of, hand_out
from rules.routing import RoutingPolicy
from store import accounts
from store.engine import reading, writing
from store.review_tables import ReviewItem
from store.tables import Contract
from store.tracking_tables import TrackedContractRow
from tests.review.desk import NOW, outcome, read, terms, trail
from tests.review.served import application, signed_in


def policy(*rules: dict[str, Any]) -> RoutingPolicy:
    return RoutingPolicy.model_validate({"rules": rules})


def add(engine: Engine, name: str, role: Role = Role.REVIEWER, department: str | None = None) -> str:
    with writing(engine) as session:
        return accounts.add_account(session, name, role, now=NOW, department=department).id


def items(engine: Engine) -> list[ReviewItem]:
    with reading(engine) as session:
        return list(session.exec(select(ReviewItem).order_by(ReviewItem.id)))


EVERYTHING = {"name": "everything", "department": "legal"}


def test_items_are_assigned_with_the_rule_that_said_so_and_a_row_of_the_audit_trail_each(engine: Engine) -> None:
    read(engine)
    ada = add(engine, "ada", department="Legal")
    waiting = len(items(engine))
    assert hand_out(engine, policy(EVERYTHING | {"approvals": 2}), NOW) == waiting
    found = items(engine)
    assert {(item.assignee_id, item.approvals, item.routed_by, item.version) for item in found} == {
        (ada, 2, "everything", 2)
    }
    with reading(engine) as session:
        rows = trail(session, Action.ASSIGN)
    assert len(rows) == waiting
    assert {row.actor_name for row in rows} == {"milepost"}
    assert len({row.bulk_id for row in rows}) == 1


def test_without_rules_or_without_somebody_nothing_is_touched(engine: Engine) -> None:
    read(engine)
    add(engine, "vera", Role.VIEWER, department="legal")
    off = add(engine, "off", department="legal")
    with writing(engine) as session:
        accounts.disable(session, accounts.account(session, "off"), now=NOW)
    assert hand_out(engine, RoutingPolicy(), NOW) == 0
    assert hand_out(engine, policy(EVERYTHING), NOW) == 0
    assert {(item.assignee_id, item.routed_by, item.version) for item in items(engine)} == {(None, None, 1)}
    assert off


def test_a_contract_goes_to_one_person_and_contracts_are_spread(engine: Engine) -> None:
    team = {add(engine, name, department="legal") for name in ("ada", "ben", "cho")}
    for n in range(12):
        read(engine, outcome(f"{n}.pdf"))
    hand_out(engine, policy(EVERYTHING), NOW)
    by_contract: dict[str, set[str | None]] = {}
    for item in items(engine):
        by_contract.setdefault(item.contract_id, set()).add(item.assignee_id)
    assert all(len(people) == 1 for people in by_contract.values())
    assert {person for people in by_contract.values() for person in people} == team


def test_what_a_person_assigned_or_took_back_or_decided_is_left_as_it_is(engine: Engine) -> None:
    read(engine)
    ada, ben = add(engine, "ada", department="legal"), add(engine, "ben")
    actor = Actor(id=ben, name="Ben", role=Role.REVIEWER)
    mine, given_back, decided, *_ = items(engine)
    with writing(engine) as session:
        deciding.assign(session, mine.id, 1, actor, NOW, assignee_id=ben)
        deciding.assign(session, given_back.id, 1, actor, NOW, assignee_id=ben)
        deciding.assign(session, given_back.id, 2, actor, NOW, assignee_id=None)
        deciding.reject(session, decided.id, 1, actor, NOW, reason="not ours")
    hand_out(engine, policy(EVERYTHING), NOW)
    now = {item.id: item for item in items(engine)}
    assert now[mine.id].assignee_id == ben
    assert now[given_back.id].assignee_id is None
    assert (now[decided.id].assignee_id, now[decided.id].state) == (None, ItemState.REJECTED)
    others = {item.assignee_id for id_, item in now.items() if id_ not in (mine.id, given_back.id, decided.id)}
    assert others == {ada}


def test_handing_out_again_changes_nothing_and_new_contracts_follow(engine: Engine) -> None:
    read(engine)
    add(engine, "ada", department="legal")
    first = hand_out(engine, policy(EVERYTHING), NOW)
    assert first > 0
    assert hand_out(engine, policy(EVERYTHING), NOW) == 0
    read(engine, outcome("another.pdf"))
    assert hand_out(engine, policy(EVERYTHING), NOW) == first


def test_rules_are_told_the_contracts_type_value_parties_department_and_risk(engine: Engine) -> None:
    value = Term(
        field=TermField.TOTAL_VALUE,
        state=TermState.FOUND,
        confidence=0.9,
        amount=Amount(text="€ 250,000.50", value=Decimal("250000.50"), currency="EUR"),
    )
    kind = Term(field=TermField.CONTRACT_TYPE, state=TermState.FOUND, confidence=0.9, text="Lease")
    parties = Term(
        field=TermField.PARTIES,
        state=TermState.FOUND,
        confidence=0.9,
        parties=(Party(name="Nordwind Optik GmbH"), Party(name="Acme Widgets Ltd")),
    )
    told = {term.field for term in (value, kind, parties)}
    others = [term for term in terms() if term.field not in told]
    contract_id = read(engine, outcome().model_copy(update={"terms": (*others, value, kind, parties)}))
    with writing(engine) as session:
        session.add(
            TrackedContractRow(
                contract_id=contract_id,
                title="Lease",
                department="Facilities",
                risk=Risk.HIGH,
                ladders={},
                since=NOW.date(),
                check_on=NOW.date(),
                created_at=NOW,
                updated_at=NOW,
            )
        )
    with reading(engine) as session:
        cases = cases_of(session, session.get_one(Contract, contract_id), "payment")
    assert [case.counterparty for case in cases] == ["Nordwind Optik GmbH", "Acme Widgets Ltd"]
    assert {(c.kind, c.contract_type, c.value, c.currency, c.department, c.risk) for c in cases} == {
        ("payment", "Lease", Decimal("250000.50"), "EUR", "Facilities", Risk.HIGH)
    }


def test_a_second_approval_that_a_rule_asks_for_is_needed_even_if_nobody_is_assigned(engine: Engine) -> None:
    read(engine)
    hand_out(engine, policy({"name": "two", "approvals": 2}), NOW)
    first = items(engine)[0]
    assert (first.assignee_id, first.approvals, first.routed_by) == (None, 2, "two")


def test_a_reviewer_cannot_do_away_with_the_second_approval(engine: Engine) -> None:
    read(engine)
    hand_out(engine, policy({"name": "two", "approvals": 2}), NOW)
    first = items(engine)[0]
    ben = Actor(id="ben", name="Ben", role=Role.REVIEWER)
    with pytest.raises(Forbidden, match="Only an administrator"), writing(engine) as session:
        deciding.assign(session, first.id, first.version, ben, NOW, assignee_id="ben", approvals=1)
    with writing(engine) as session:
        deciding.assign(session, first.id, first.version, ben, NOW, assignee_id="ben", approvals=2)
        root = Actor(id="root", name="Root", role=Role.ADMIN)
        deciding.assign(session, first.id, first.version + 1, root, NOW, assignee_id="ben", approvals=1)


def test_an_item_is_not_assigned_to_nobody(sqlite_engine: Engine, tmp_path: Path) -> None:
    read(sqlite_engine)
    ada, vera = add(sqlite_engine, "ada"), add(sqlite_engine, "vera", Role.VIEWER)
    client = signed_in(sqlite_engine, application(sqlite_engine, tmp_path), "ben")
    first = items(sqlite_engine)[0]
    for assignee, status in (("nobody", 422), (vera, 422), (ada, 200)):
        answer = client.post(
            f"/api/v1/items/{first.id}/assign", json={"assignee_id": assignee}, headers={"if-match": '"1"'}
        )
        assert answer.status_code == status, answer.text
    assert items(sqlite_engine)[0].assignee_id == ada


def test_a_program_hands_over_all_that_a_filter_shows(sqlite_engine: Engine, tmp_path: Path) -> None:
    read(sqlite_engine)
    ada = add(sqlite_engine, "ada")
    client = signed_in(sqlite_engine, application(sqlite_engine, tmp_path), "ben")
    for assignee, status in (("nobody", 422), (ada, 200)):
        answer = client.post("/api/v1/items/assign?kind=payment", json={"assignee_id": assignee})
        assert answer.status_code == status, answer.text
    assert (answer.json()["items"], answer.json()["more"]) == (2, False)
    assert {item.kind for item in items(sqlite_engine) if item.assignee_id == ada} == {"payment"}
    assert client.post(f"/api/v1/bulks/{answer.json()['bulk_id']}/undo").status_code == 200
    assert not any(item.assignee_id for item in items(sqlite_engine))
