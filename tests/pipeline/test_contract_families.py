"""The contract families, read from their files by the real pipeline, change and govern as their expectations say."""

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.contract import FIVE_TERMS, Milestone, MilestoneKind, Outcome, TermField
from models.family import Certainty, FamilyRole, OperationKind, Stated
from models.governing import Governing, Member, governing
from models.linking import Filed, links
from models.operating import Change
from pipeline.document import Options, process
from pipeline.output import term_value
from rules.loader import installed_rules

FAMILIES = Path(__file__).parents[2] / "fixtures/families"
NAMES = sorted(path.name for path in FAMILIES.iterdir())


@cache
def expectation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FAMILIES / name / "expected.json").read_text(encoding="utf-8"))
    return found


@cache
def outcomes(name: str) -> tuple[Outcome, ...]:
    rules, options = installed_rules(), Options(ocr=False, boxes=False)
    files = [document["file"] for document in expectation(name)["documents"]]
    return tuple(process(file, (FAMILIES / name / file).read_bytes(), rules, options).outcome for file in files)


def view(name: str, as_of: dt.date) -> Governing:
    return governing([Member.of(outcome.file, outcome) for outcome in outcomes(name)], as_of)


def plain(stated: Stated) -> str:
    return stated.date.isoformat() if stated.date else stated.text


def rendered(change: Change) -> list[dict[str, Any]]:
    """A change as the expectations write it: once for each of the five terms it moves, or as words."""
    operation = change.operation
    common: dict[str, Any] = {"document": change.document, "operation": str(operation.kind), "quote": operation.quote}
    if operation.section:
        common["section"] = operation.section
    if operation.what:
        common["what"] = operation.what
    moves = [move for move in change.terms if move.field in FIVE_TERMS]
    if moves:
        return [
            common
            | {
                "field": str(move.field),
                "old": term_value(move.old) if move.old else None,
                "new": term_value(move.new) if move.new else None,
            }
            for move in moves
        ]
    words = [{"old": plain(one.old), "new": plain(one.new)} for one in operation.exchanges if one.old and one.new]
    return [common | exchanged for exchanged in words or [{}]]


@pytest.mark.parametrize("name", NAMES)
def test_every_document_says_what_it_belongs_to_and_is_linked_to_it_for_certain(name: str) -> None:
    found = links([Filed.of(outcome.file, outcome) for outcome in outcomes(name)])
    expected = {
        (document["file"], document["amends"], document.get("number"))
        for document in expectation(name)["documents"]
        if document["role"] != "base"
    }
    assert {(link.child, link.parent, link.number) for link in found} == expected
    assert {link.certainty for link in found} == {Certainty.CERTAIN}


@pytest.mark.parametrize("name", NAMES)
def test_no_document_of_one_family_is_linked_to_another(name: str) -> None:
    everything = [Filed.of(f"{family}/{outcome.file}", outcome) for family in NAMES for outcome in outcomes(family)]
    assert all(link.child.split("/")[0] == link.parent.split("/")[0] for link in links(everything))


@pytest.mark.parametrize("name", NAMES)
def test_the_changes_are_those_that_are_expected_and_no_others(name: str) -> None:
    by_file = {outcome.file: outcome for outcome in outcomes(name)}
    made = [rendered(change) for change in view(name, dt.date.max).changes]
    if restated := [one for one in by_file.values() if one.amends and one.amends[0].role is FamilyRole.RESTATEMENT]:
        before = dt.date.fromisoformat(expectation(name)["documents"][-1]["effective"]) - dt.timedelta(days=1)
        made = [rendered(change) for change in view(name, before).changes]
        made += [
            [{"document": one.file, "operation": str(operation.kind), "quote": operation.quote}]
            for one in restated
            for operation in one.operations
            if operation.kind is OperationKind.RESTATE
        ]
    expected = [
        {key: value for key, value in change.items() if key != "from"} for change in expectation(name)["changes"]
    ]
    assert sorted(quoted[0]["quote"] for quoted in made) == sorted(change["quote"] for change in expected)
    for change in expected:
        assert change in [one for quoted in made for one in quoted]


@pytest.mark.parametrize("name", NAMES)
def test_changes_take_effect_on_the_day_they_say(name: str) -> None:
    effective = {document["file"]: document["effective"] for document in expectation(name)["documents"]}
    since = {change.operation.quote: change.since.isoformat() for change in view(name, dt.date.max).changes}
    for change in expectation(name)["changes"]:
        if change["operation"] not in ("restate", "insert") and change["quote"] in since:
            assert since[change["quote"]] == change.get("from", effective[change["document"]])


def views(kind: str) -> list[Any]:
    """Every view of every family (of payments: of those families that expect any), by name and number."""
    found = []
    for name in NAMES:
        expected = expectation(name)["as_of"]
        if kind == "payments" and not any(one["payments"] for one in expected):
            continue
        for number, one in enumerate(expected):
            found.append(pytest.param(name, number, id=f"{name}-{one['date']}"))
    return found


@pytest.mark.parametrize(("name", "number"), views("terms"))
def test_the_terms_that_govern_are_those_of_the_day_and_name_their_document(name: str, number: int) -> None:
    expected = expectation(name)["as_of"][number]
    found = view(name, dt.date.fromisoformat(expected["date"]))
    terms = {
        str(one.field): {"value": term_value(one.term), "document": one.document}
        for one in found.terms
        if one.field in FIVE_TERMS
    }
    assert terms == expected["terms"]
    if "notice_deadline" in expected:
        assert found.notice_deadline == dt.date.fromisoformat(expected["notice_deadline"])


def payment(milestone: Milestone, document: str) -> dict[str, Any] | None:
    """A payment as the expectations write it: those of a stated sum."""
    if milestone.kind is not MilestoneKind.PAYMENT or milestone.amount is None or milestone.amount.value is None:
        return None
    if milestone.recurrence:
        when = {"recurrence": str(milestone.recurrence)}
    else:
        when = {"date": milestone.date.isoformat() if milestone.date else ""}
    amount = {"value": format(milestone.amount.value, "f"), "currency": milestone.amount.currency}
    return when | {"amount": amount, "document": document}


@pytest.mark.parametrize(("name", "number"), views("payments"))
def test_the_payments_that_govern_are_those_of_the_day_and_name_their_document(name: str, number: int) -> None:
    expected = expectation(name)["as_of"][number]
    found = view(name, dt.date.fromisoformat(expected["date"]))
    payments = [payment(one.milestone, one.document) for one in found.milestones]
    assert [one for one in payments if one] == expected["payments"]


def test_a_restatement_replaces_all_that_was_before_it() -> None:
    found = view("restatement", dt.date(2021, 2, 1))
    assert found.base == "reseller-agreement-restated.docx"
    assert {one.document for one in found.milestones} == {"reseller-agreement-restated.docx"}
    assert found.changes == ()


def test_a_document_that_is_signed_and_not_in_effect_yet_does_not_govern() -> None:
    assert view("restatement", dt.date(2021, 1, 20)).pending == ("reseller-agreement-restated.docx",)
    assert view("changed-notice-period", dt.date(2022, 6, 25)).pending == (
        "payroll-services-agreement-first-amendment.pdf",
    )


def test_a_change_from_a_later_day_is_pending_until_then() -> None:
    assert view("extension", dt.date(2022, 4, 30)).pending == ("storage-agreement-deed-of-extension.docx",)
    assert view("extension", dt.date(2022, 5, 1)).pending == ()


def test_an_amended_notice_period_moves_the_deadline_of_its_milestone() -> None:
    found = view("changed-notice-period", dt.date(2022, 7, 1))
    [notice] = [one for one in found.milestones if one.milestone.kind is MilestoneKind.NOTICE]
    assert (notice.milestone.latest or notice.milestone.date) == dt.date(2023, 7, 3)
    assert notice.document == "payroll-services-agreement-first-amendment.pdf"
    assert found.term(TermField.NOTICE_PERIOD) is not None


@pytest.mark.parametrize(
    ("name", "day", "deadline"),
    [
        ("partial-termination", "2022-01-01", "2024-10-18"),
        ("statement-of-work", "2021-05-17", "2022-03-30"),
        ("later-effect", "2021-02-03", "2023-08-04"),
    ],
)
def test_the_milestone_of_the_notice_falls_on_the_deadline_of_the_governing_terms(
    name: str, day: str, deadline: str
) -> None:
    [notice] = [one for one in view(name, dt.date.fromisoformat(day)).milestones if one.milestone.kind == "notice"]
    assert (notice.milestone.latest or notice.milestone.date) == dt.date.fromisoformat(deadline)


def test_a_contract_that_is_terminated_renews_no_more() -> None:
    found = view("early-end", dt.date(2023, 2, 22))
    kinds = {one.milestone.kind for one in found.milestones}
    assert not kinds & {MilestoneKind.NOTICE, MilestoneKind.RENEWAL}
    assert found.notice_deadline is None
    [end] = [one.milestone.date for one in found.milestones if one.milestone.kind is MilestoneKind.EXPIRATION]
    assert end == dt.date(2023, 8, 31)


def test_an_amendment_signed_first_may_have_effect_last() -> None:
    since = {change.document: change.since for change in view("later-effect", dt.date.max).changes}
    assert since == {
        "hosting-agreement-amendment-2.pdf": dt.date(2021, 2, 3),
        "hosting-agreement-amendment-1.docx": dt.date(2021, 7, 1),
    }


def test_a_statement_of_work_keeps_its_own_term_beside_the_agreement() -> None:
    [beside] = view("statement-of-work", dt.date(2020, 1, 1)).beside
    assert (beside.document, str(beside.role)) == ("consulting-agreement-sow-1.pdf", "statement_of_work")
    ends = [term.date for term in beside.terms if term.field is TermField.EXPIRATION_DATE]
    assert ends == [dt.date(2020, 4, 30)]
