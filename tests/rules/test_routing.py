from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models.tracked import Risk
from rules.routing import Candidate, Route, RoutingPolicy, installed_routing, load_routing, route
from rules.schema import RuleDataError
from rules.tracking_policies import FOLDER, Case

ADA = Candidate("1", "ada", "Legal")
BEN = Candidate("2", "ben", "Finance")
CHO = Candidate("3", "cho", "legal")
PEOPLE = [ADA, BEN, CHO]

LEASES: dict[str, Any] = {"name": "leases", "when": {"contract_types": ["lease"]}, "reviewers": ["ben"]}
LEGAL: dict[str, Any] = {"name": "to legal", "department": "Legal"}
TWO: dict[str, Any] = {"name": "two", "when": {"risk": ["high"]}, "approvals": 2}


def policy(*rules: dict[str, Any]) -> RoutingPolicy:
    return RoutingPolicy.model_validate({"rules": rules})


def lease(**known: Any) -> Case:
    return Case(**({"kind": "payment", "contract_type": "Lease"} | known))


@pytest.mark.parametrize(
    ("rules", "case", "expected"),
    [
        ([], lease(), None),
        ([LEASES], lease(), Route(("2",), 1, ("leases",))),
        ([LEASES], lease(contract_type="licence"), None),
        ([LEASES], lease(contract_type=None), None),
        ([LEGAL], lease(), Route(("1", "3"), 1, ("to legal",))),
        ([LEASES, LEGAL], lease(), Route(("2",), 1, ("leases",))),
        ([LEGAL, LEASES], lease(), Route(("1", "3"), 1, ("to legal",))),
        ([LEASES, TWO], lease(risk=Risk.HIGH), Route(("2",), 2, ("leases", "two"))),
        ([TWO, LEASES], lease(risk=Risk.HIGH), Route(("2",), 2, ("two", "leases"))),
        ([LEASES, TWO], lease(risk=Risk.LOW), Route(("2",), 1, ("leases",))),
        ([TWO], lease(risk=Risk.HIGH), Route((), 2, ("two",))),
        ([LEASES | {"reviewers": ["BEN", "ada"]}], lease(), Route(("1", "2"), 1, ("leases",))),
        ([LEASES | {"reviewers": ["who left"]}], lease(), None),
        ([LEASES | {"reviewers": ["who left"]}, LEGAL], lease(), Route(("1", "3"), 1, ("to legal",))),
        ([LEASES | {"reviewers": ["who left"], "approvals": 2}], lease(), Route((), 2, ("leases",))),
        ([LEGAL | {"when": {"kinds": ["notice"]}}], lease(), None),
        ([LEGAL | {"when": {"kinds": ["notice", "payment"]}}], lease(), Route(("1", "3"), 1, ("to legal",))),
        ([LEGAL | {"when": {"min_value": 100}}], lease(value=Decimal(100)), Route(("1", "3"), 1, ("to legal",))),
        ([LEGAL | {"when": {"min_value": 100}}], lease(value=Decimal("99.99")), None),
        ([LEGAL | {"when": {"min_value": 100}}], lease(), None),
        ([LEGAL | {"when": {"min_value": 100, "currency": "EUR"}}], lease(value=Decimal(500), currency="USD"), None),
        (
            [LEGAL | {"when": {"departments": ["sales"]}}],
            lease(department="Sales"),
            Route(("1", "3"), 1, ("to legal",)),
        ),
        ([LEGAL | {"when": {"departments": ["sales"]}}], lease(), None),
    ],
)
def test_the_first_rule_that_fits_and_finds_somebody_assigns_and_any_may_ask_for_two(
    rules: list[dict[str, Any]], case: Case, expected: Route | None
) -> None:
    assert route(policy(*rules), [case], PEOPLE) == expected


def test_one_of_several_parties_is_enough() -> None:
    rule = policy(LEGAL | {"when": {"counterparties": ["Nordwind Optik GmbH"]}})
    parties = [lease(counterparty="Acme Widgets Ltd"), lease(counterparty="NORDWIND Optik GmbH")]
    assert route(rule, parties, PEOPLE) is not None
    assert route(rule, parties[:1], PEOPLE) is None
    assert route(rule, [lease()], PEOPLE) is None


def test_the_policy_that_comes_with_the_program_assigns_nobody() -> None:
    assert installed_routing() == RoutingPolicy()


def test_the_example_in_the_file_is_one_that_works(tmp_path: Path) -> None:
    lines = (FOLDER / "routing.yaml").read_text(encoding="utf-8").splitlines()
    example = [line.removeprefix("# ") for line in lines if line.startswith(("#   - ", "#     "))]
    example = example[example.index("  - name: leases go to facilities") :]
    file = tmp_path / "routing.yaml"
    file.write_text("rules:\n" + "\n".join(example), encoding="utf-8")
    assert [(rule.name, rule.approvals) for rule in load_routing(tmp_path).rules] == [
        ("leases go to facilities", 1),
        ("payments of large contracts", 1),
        ("a second look at high risk", 2),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [{name: x}]", "names reviewers or a department, or asks for 2 approvals"),
        ("rules: [{name: x, reviewers: [a], department: b}]", "not both"),
        ("rules: [{name: x, reviewers: [a]}, {name: x, department: b}]", "two rules are called x"),
        ("rules: [{name: x, reviewers: [a], approvals: 3}]", "less than or equal to 2"),
        ("rules: [{name: '', reviewers: [a]}]", "at least 1 character"),
        ("rules: [{name: x, reviewers: [a], when: {typo: 1}}]", "typo"),
        ("rules: [{name: x, reviewers: [a], when: {risk: [terrible]}}]", "risk"),
        ("rule: []", "rule"),
        ("rules: [", "while parsing"),
        ("- a", "valid dictionary"),
        ("\x00", "special characters"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_its_file_and_what_is_wrong(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleDataError) as refused:
        load_routing(tmp_path)
    assert str(file) in str(refused.value)
    assert message in str(refused.value)


def test_a_folder_without_the_file_leaves_the_one_that_comes_with_the_program(tmp_path: Path) -> None:
    assert load_routing(tmp_path) == installed_routing()


def test_an_empty_file_is_a_policy_without_rules(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text("# nothing yet\n", encoding="utf-8")
    assert load_routing(tmp_path) == RoutingPolicy()
