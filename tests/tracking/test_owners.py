"""Owners: who a milestone belongs to, who steps in, and what happens when somebody leaves."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.tracked import ContractSettings, OwnerKind, ReminderState, Risk
from rules.tracking_policies import Case, OwnerPolicy, Route, When, installed_policies
from store.engine import reading, writing
from store.errors import StoreError
from store.tracking_owners import (
    add_owner,
    change_owner,
    directory,
    ensure_teams,
    find_owner,
    join,
    leave,
    replace_owner,
    unowned,
)
from store.tracking_tables import OccurrenceRow, TrackedContractRow
from tests.models.building import day
from tests.tracking.building import (
    START,
    at,
    context,
    contract,
    effective,
    lasting,
    milestone,
    noticed,
    renewing,
    staff,
)
from tests.tracking.office import Office
from tracking.ownership import assign

POLICY = OwnerPolicy(
    fallback="contracts",
    kinds={"payment": "finance", "notice": "legal"},
    departments={"Sales": {"notice": "sales desk"}},
    routing=(
        Route(name="big leases", when=When(contract_types=("lease",), min_value=Decimal(1000)), owner="facilities"),
        Route(name="risky", when=When(risk=(Risk.HIGH,), kinds=("notice",)), owner="general counsel"),
    ),
)


@pytest.mark.parametrize(
    ("case", "settings", "chosen", "owner", "why"),
    [
        (Case(kind="payment"), {}, None, "finance", "kind: payment"),
        (Case(kind="notice"), {}, None, "legal", "kind: notice"),
        (Case(kind="whatever"), {}, None, "contracts", "nobody else"),
        (Case(kind="notice", department="sales"), {}, None, "sales desk", "department: sales"),
        (Case(kind="payment", department="sales"), {}, None, "finance", "kind: payment"),
        (Case(kind="payment"), {"owner": "ann"}, None, "ann", "owner of the contract"),
        (Case(kind="notice", risk=Risk.HIGH), {"owner": "ann"}, None, "general counsel", "rule: risky"),
        (Case(kind="notice", risk=Risk.HIGH), {}, "ann", "ann", "chosen for it"),
        (Case(kind="payment", contract_type="Lease", value=Decimal(999)), {}, None, "finance", "kind: payment"),
        (Case(kind="payment", contract_type="Lease", value=Decimal(1000)), {}, None, "facilities", "rule: big leases"),
        (Case(kind="payment", contract_type="Lease"), {}, None, "finance", "kind: payment"),
    ],
)
def test_the_strongest_reason_names_the_owner(
    engine: Engine, case: Case, settings: dict[str, str], chosen: str | None, owner: str, why: str
) -> None:
    with writing(engine) as session:
        ensure_teams(session, POLICY.named, now=START)
        ann = add_owner(session, "Ann", OwnerKind.PERSON, now=START)
        ids = {"ann": ann.id}
        found = assign(
            POLICY,
            directory(session),
            case,
            ContractSettings.model_validate({key: ids[name] for key, name in settings.items()}),
            ids[chosen] if chosen else None,
        )
        assert (directory(session)[found.owner_id].name, found.why) == (owner, why)


def test_what_the_installed_policy_names_exists_after_the_first_run(engine: Engine) -> None:
    office = Office(engine, [])
    office.run(START)
    with reading(engine) as session:
        people = directory(session)
        assert all(people.id_of(name) for name in installed_policies().owners.named)


def test_a_person_away_is_stood_in_for_by_their_deputy(engine: Engine) -> None:
    with writing(engine) as session:
        bob = add_owner(session, "bob", OwnerKind.PERSON, now=START, email="bob@example.com")
        ann = add_owner(session, "ann", OwnerKind.PERSON, now=START, email="ann@example.com", deputy_id=bob.id)
        ann.away_from, ann.away_until = day("2026-08-01"), day("2026-08-31")
        session.add(ann)
        session.flush()
        people = directory(session)
        reached = [
            [one.name for one in people.reachable(ann.id, day(on))]
            for on in ("2026-07-31", "2026-08-01", "2026-08-31", "2026-09-01")
        ]
    assert reached == [["ann"], ["bob"], ["bob"], ["ann"]]


def test_a_team_without_an_address_is_reached_through_its_members(engine: Engine) -> None:
    with writing(engine) as session:
        team = add_owner(session, "legal", OwnerKind.TEAM, now=START)
        people = [
            add_owner(session, name, OwnerKind.PERSON, now=START, email=f"{name}@example.com")
            for name in ("bob", "ann")
        ]
        for person in people:
            join(session, team, person)
        reached = directory(session).reachable(team.id, START.date())
        assert [one.name for one in reached] == ["ann", "bob"]
        leave(session, team, people[0])
        assert [one.name for one in directory(session).reachable(team.id, START.date())] == ["ann"]
        team.email = "legal@example.com"
        session.add(team)
        session.flush()
        assert [one.email for one in directory(session).reachable(team.id, START.date())] == ["legal@example.com"]


def test_deputies_of_each_other_who_are_both_away_get_their_messages_all_the_same(engine: Engine) -> None:
    with writing(engine) as session:
        ann = add_owner(session, "ann", OwnerKind.PERSON, now=START, email="ann@example.com")
        bob = add_owner(session, "bob", OwnerKind.PERSON, now=START, email="bob@example.com", deputy_id=ann.id)
        ann.deputy_id = bob.id
        for person in (ann, bob):
            person.away_from = day("2026-01-01")
            session.add(person)
        session.flush()
        assert directory(session).reachable(ann.id, START.date())


def test_a_leaver_is_replaced_everywhere_by_one_command(engine: Engine) -> None:
    one = contract(
        "Cleaning", effective("2025-06-01"), lasting("1 year"), renewing("1 year"), noticed("90 days"),
        milestones=[milestone("goods", "delivery", date="2026-06-30")],
    )  # fmt: skip
    office = Office(engine, [one], context(digest={"weekday": "none", "days": 1}))
    with writing(engine) as session:
        ann = add_owner(session, "ann", OwnerKind.PERSON, now=START, email="ann@example.com")
        add_owner(session, "bob", OwnerKind.PERSON, now=START, email="bob@example.com")
        join(session, find_owner(session, "legal"), ann)
        finance = find_owner(session, "finance")
        finance.deputy_id = ann.id
        row = session.get(TrackedContractRow, one.id)
        assert row is not None
        row.owner_id = ann.id
        session.add_all([finance, row])
        office.desk.describe(session, one.id, ContractSettings(owner=ann.id), by="ann", now=START)
        office.desk.enter(session, one.id, "approval", "Approve", day("2026-02-20"), by="x", now=START, owner_id=ann.id)
    office.run(START)
    with writing(engine) as session:
        done = replace_owner(session, find_owner(session, "ann"), find_owner(session, "bob"), now=START)
        assert (done.contracts, done.deadlines, done.memberships, done.deputies) == (1, 1, 1, 1)
        assert done.occurrences >= 3
        assert done.reminders > 3
        assert unowned(session) == 0
        bob_id = find_owner(session, "bob").id
        assert not session.exec(select(OccurrenceRow).where(OccurrenceRow.owner_id == ann.id)).all()
        assert directory(session).standing_in(ann.id) == bob_id
    assert not [row for row in office.reminders(state=ReminderState.PLANNED) if row.recipient_id == ann.id]
    office.outbox.messages.clear()
    office.days(START + dt.timedelta(days=1), at("2026-02-21"))
    assert "ann@example.com" not in office.to()
    assert "bob@example.com" in office.to()
    keys = {(row.occurrence_id, row.purpose, row.rung, row.due, row.recipient_id) for row in office.reminders()}
    assert len(keys) == len(office.reminders()), "the successor gets nothing twice"


def test_successions_are_followed_to_their_end(engine: Engine) -> None:
    with writing(engine) as session:
        ann, bob, cem = (add_owner(session, name, OwnerKind.PERSON, now=START) for name in ("ann", "bob", "cem"))
        replace_owner(session, ann, bob, now=START)
        replace_owner(session, bob, cem, now=START)
        assert directory(session).standing_in(ann.id) == cem.id
        with pytest.raises(StoreError, match="cannot take over"):
            replace_owner(session, cem, ann, now=START)
        with pytest.raises(StoreError, match="cannot take over"):
            replace_owner(session, cem, cem, now=START)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"email": "nobody"}, "no e-mail address"),
        ({"email": "a@b.com\nBcc: c@d.com"}, "no e-mail address"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"time_zone": "../etc/passwd"}, "no time zone"),
    ],
)
def test_what_cannot_be_an_owner_is_refused(engine: Engine, more: dict[str, str], said: str) -> None:
    with pytest.raises(StoreError, match=said), writing(engine) as session:
        add_owner(session, "ann", OwnerKind.PERSON, now=START, **more)


def test_names_are_known_in_any_spelling_of_case_and_taken_once(engine: Engine) -> None:
    with writing(engine) as session:
        add_owner(session, "  Ann  Smith ", OwnerKind.PERSON, now=START)
        assert find_owner(session, "ANN SMITH").name == "ann smith"
        with pytest.raises(StoreError, match="already"):
            add_owner(session, "ann smith", OwnerKind.PERSON, now=START)
        with pytest.raises(StoreError, match="There is no owner"):
            find_owner(session, "bob")


def test_a_new_time_zone_moves_the_reminders_to_the_new_morning(engine: Engine) -> None:
    goods = contract("Supply", milestones=[milestone("goods", "delivery", date="2026-06-30")])
    office = Office(engine, [goods], context(digest={"weekday": "none", "days": 1}))
    office.run(START)
    with writing(engine) as session:
        change_owner(session, find_owner(session, "procurement"), now=START, time_zone="America/Los_Angeles")
    office.run(START + dt.timedelta(hours=1))
    coming = [row for row in office.reminders(state=ReminderState.PLANNED) if row.rung == 7]
    assert [row.fire_at for row in coming] == [at("2026-06-23", 16)]


def test_staff_have_deputies(engine: Engine) -> None:
    staff(engine)
    with reading(engine) as session:
        people = directory(session)
        legal = people.id_of("legal")
        assert legal is not None
        deputy = people.deputy(legal)
        assert deputy is not None
        assert people[deputy].name == "legal deputy"
        group = people.group(legal, "contracts")
        assert group is not None
        assert people[group].name == "contracts"
