"""Schedules of the sample contracts are read exactly: a milestone for each row, with its own time and amount."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extractors.extract import extract
from models.contract import Milestone, MilestoneKind
from models.contract_resolution import resolve_contract
from models.source import Cell, SourceText, Table
from pipeline.limits import Limits
from pipeline.output import milestone_object
from pipeline.read import read
from rules.loader import installed_rules

CONTRACTS = Path(__file__).parents[3] / "fixtures" / "contracts"
SCHEDULES = {
    "consulting-agreement.pdf": ("payment", 18),
    "manufacturing-supply-agreement.pdf": ("payment", 5),
    "development-agreement.pdf": ("payment", 5),
    "development-agreement.docx": ("payment", 5),
    "distribution-agreement.pdf": ("payment", 2),
    "patent-license-agreement.docx": ("payment", 4),
    "saas-order-form.pdf": ("payment", 3),
    "sponsorship-agreement.pdf": ("payment", 6),
    "master-services-agreement-amendment-1.docx": ("delivery", 4),
}
"""The schedules that are ruled, unruled, in PDF and DOCX, and split over two pages; how many rows each has."""


@cache
def milestones_of(name: str) -> tuple[Milestone, ...]:
    path = CONTRACTS / Path(name).stem / name
    _, source = read(name, path.read_bytes(), Limits(), ocr=False)
    findings = extract(source, installed_rules())
    return resolve_contract(findings.terms, findings.milestones)[1]


def row(stated: dict[str, Any]) -> tuple[Any, ...]:
    amount = stated.get("amount") or {}
    value = amount.get("value")
    return (
        stated.get("date") or (stated.get("offset"), stated.get("unit"), stated.get("direction"), stated.get("anchor")),
        float(value) if value else None,
        amount.get("currency") if value else None,
    )


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_row_of_a_schedule_is_read_exactly(name: str) -> None:
    kind, count = SCHEDULES[name]
    found = [
        row(milestone_object(one))
        for one in milestones_of(name)
        if one.rule.startswith("milestone.row") and one.kind == kind
    ]
    expected = json.loads((CONTRACTS / Path(name).stem / "expected.json").read_text(encoding="utf-8"))["milestones"]
    wanted = {row(one) for one in expected if one["kind"] == kind}
    assert len(found) == count
    assert [one for one in found if one not in wanted] == []
    assert len(set(found)) == count, "no row is read twice"


@pytest.mark.parametrize(
    ("name", "doers"),
    [
        ("consulting-agreement.pdf", {"Company"}),
        ("manufacturing-supply-agreement.pdf", {"Buyer"}),
        ("sponsorship-agreement.pdf", {"Sponsor"}),
        ("development-agreement.docx", {"Customer", "Developer"}),
        ("master-services-agreement-amendment-1.docx", {"Provider"}),
    ],
)
def test_a_schedule_is_met_by_whoever_the_sentence_that_names_it_binds(name: str, doers: set[str]) -> None:
    assert {one.who for one in milestones_of(name) if one.rule.startswith("milestone.row")} == doers


def table_of(*rows: tuple[str, ...]) -> SourceText:
    """A contract that is one table."""
    text, lines = "", []
    for cells in rows:
        line = []
        for cell in cells:
            line.append(Cell(len(text), len(text) + len(cell), cell))
            text += cell + "\t"
        text = text[:-1] + "\n"
        lines.append(tuple(line))
    return SourceText(text, (), (), tables=(Table(0, len(text), 1, tuple(lines), True),))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [("No.", "Date due", "Amount"), ("1", "1 March 2015", "EUR 500.00"), ("Total", "", "EUR 500.00")],
            [("payment", "Pay instalment 1 of EUR 500.00")],
            id="totals are no payments",
        ),
        pytest.param(
            [("Step", "Due"), ("Survey of the site", "1 March 2015")],
            [("delivery", "Complete: Survey of the site")],
            id="steps without money",
        ),
        pytest.param([("Part", "Price"), ("Valve", "$412.50")], [], id="prices without times"),
        pytest.param(
            [("By: /s/ A. Alder", "By: /s/ B. Birch"), ("Date: 1 March 2015", "Date: 2 March 2015")],
            [],
            id="signatures",
        ),
    ],
)
def test_a_row_with_a_time_is_a_milestone(rows: list[tuple[str, ...]], expected: list[tuple[str, str]]) -> None:
    findings = extract(table_of(*rows), installed_rules())
    stated = [one for one in findings.milestones if one.kind in (MilestoneKind.PAYMENT, MilestoneKind.DELIVERY)]
    assert [(str(one.kind), one.title) for one in stated] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [
                ("Milestone Event", "Payment"),
                ("Initiation of Phase I *", "$10 million"),
                ("Registration", ""),
                ("Europe", "$15 million"),
                ("Effective Date", "[***]"),
                ("[***]", "[***]"),
                ("Total", "$25 million"),
            ],
            [
                ("Initiation of Phase I", "10000000"),
                ("Registration: Europe", "15000000"),
                ("Registration: Effective Date", None),
            ],
            id="events and amounts",
        ),
        pytest.param([("Deliverable", "Price"), ("Prototype", "$500")], [], id="prices of things"),
        pytest.param([("Event", "Place"), ("Launch", "Paris")], [], id="events without amounts"),
        pytest.param([("Milestone", "Amount"), ("Launch", "see above")], [], id="no amount in the row"),
    ],
)
def test_an_amount_is_due_upon_the_event_of_its_row(
    rows: list[tuple[str, ...]], expected: list[tuple[str, str | None]]
) -> None:
    findings = extract(table_of(*rows), installed_rules())
    payments = [one for one in findings.milestones if one.kind is MilestoneKind.PAYMENT]
    assert [
        (one.anchor, str(one.amount.value) if one.amount and one.amount.value else None) for one in payments
    ] == expected
    assert all(str(one.offset) == "0 days" and one.date is None for one in payments)
