"""What waits for what, when something counts as done, and what happens else: read from clauses of these tests."""

import pytest

from extractors.milestones.criteria import criteria_for
from models.milestone_keys import keys_of
from rules.loader import installed_rules
from tests.extractors.milestones.contracts import milestones_of


def waits(clauses: str) -> list[tuple[str, str]]:
    """Which milestone waits for which, by their titles."""
    found = milestones_of(clauses)
    titles = dict(zip(keys_of(found), (one.title for one in found), strict=True))
    return [(one.title, titles[key]) for one in found for key in one.depends_on]


REPORT = "2. Report. Supplier shall deliver the Test Report to Customer on or before 30 June 2014."


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        pytest.param(
            f"{REPORT}\n3. Fee. Customer shall pay Supplier $9,000 within 30 days after delivery of the Test Report.",
            [("Pay Supplier $9,000", "Deliver the Test Report to Customer")],
            id="delivery of a thing",
        ),
        pytest.param(
            f"{REPORT}\n3. Review. Customer shall accept or reject the Test Report within 10 days after receipt of the"
            " Test Report.\n4. Fee. Customer shall pay Supplier $9,000 within 30 days after acceptance of the Test"
            " Report.",
            [
                ("Accept or reject the Test Report", "Deliver the Test Report to Customer"),
                ("Pay Supplier $9,000", "Accept or reject the Test Report"),
            ],
            id="a chain: who accepts stands before who delivers",
        ),
        pytest.param(
            "2. Invoices. Supplier shall submit an invoice to Customer within ten (10) days after the end of each"
            " month.\n"
            "3. Payment. Customer shall pay each invoice within thirty (30) days after receipt of the invoice.",
            [("Pay each invoice", "Submit an invoice to Customer")],
            id="an invoice",
        ),
        pytest.param(
            f"{REPORT}\n3. Fee. Customer shall pay Supplier $9,000 within 30 days after receipt of the audit report.",
            [],
            id="another report is not that report",
        ),
        pytest.param(
            "2. Statement. Customer shall deliver a sales statement to Supplier on or before 30 June 2014.\n"
            "3. Fee. Customer shall pay Supplier $9,000 within 30 days after receipt of Supplier's statement.",
            [],
            id="the other party's statement is not one's own",
        ),
        pytest.param(
            "2. Extension. Customer may extend the Term by giving Supplier notice of its intention to extend at least"
            " ninety (90) days before the end of the Term. Supplier shall deliver a price list to Customer within"
            " fourteen (14) days after receipt of such notice.",
            [("Deliver a price list to Customer", "Give notice to renew")],
            id="a notice",
        ),
        pytest.param(
            f"{REPORT}\n3. Fee. Customer shall pay Supplier $9,000 within 30 days after the Effective Date.",
            [],
            id="a date waits for nobody",
        ),
    ],
)
def test_a_milestone_waits_for_the_one_that_completes_what_it_waits_for(
    clauses: str, expected: list[tuple[str, str]]
) -> None:
    assert waits(clauses) == expected


def test_nothing_waits_for_itself_by_whatever_steps() -> None:
    found = milestones_of(
        "2. Plan. Supplier shall deliver the Plan within ten (10) days after acceptance of the Draft.\n"
        "3. Draft. Customer shall accept the Draft within ten (10) days after delivery of the Plan."
    )
    keys = keys_of(found)
    edges = {key: set(one.depends_on) for key, one in zip(keys, found, strict=True)}
    for start in keys:
        seen: set[str] = set()
        open_ = set(edges[start])
        while open_:
            seen |= open_
            open_ = {after for key in open_ for after in edges[key]} - seen
        assert start not in seen
    assert sum(map(len, edges.values())) == 1


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("Supplier shall deliver the goods in accordance with the Specifications, within ten days.",
         "in accordance with the Specifications"),
        ("Customer shall accept each Deliverable that meets the acceptance criteria of Exhibit B within 15 days.",
         "meets the acceptance criteria of Exhibit B"),
        ("Supplier shall repair the machine to the reasonable satisfaction of Customer.",
         "to the reasonable satisfaction of Customer"),
        ("Licensee shall pay the royalty, accompanied by a statement of Net Sales.",
         "accompanied by a statement of Net Sales"),
        ("Customer may reject what does not conform to the Specifications.", None),
        ("Supplier shall act in accordance with this Agreement.", None),
        ("Supplier shall deliver the goods within ten days.", None),
    ],
)  # fmt: skip
def test_criteria_are_the_contracts_own_words(clause: str, expected: str | None) -> None:
    assert criteria_for(installed_rules()).of(clause) == expected


def test_a_duty_has_its_criteria_and_a_right_has_none() -> None:
    found = milestones_of(
        "2. Delivery. Supplier shall deliver the pump, ready for operation, within thirty (30) days after the"
        " Effective Date and in accordance with the Specifications.\n"
        "3. Termination. Either party may terminate this Agreement on sixty (60) days' prior written notice signed by"
        " an officer."
    )
    assert [(str(one.kind), one.criteria) for one in found] == [
        ("delivery", "ready for operation; in accordance with the Specifications"),
        ("termination", None),
    ]


RENEWAL = (
    "5. Term. This Agreement shall continue for three (3) years from the Effective Date and shall automatically renew"
    " for successive one (1) year terms unless either party gives written notice of non-renewal at least ninety (90)"
    " days before the end of the then-current term."
)
FEE = "3. Fee. Customer shall pay Supplier $24,000 on July 1, 2015."


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        (RENEWAL, {"expiration": (), "renewal": ("auto_renewal",), "notice": ("auto_renewal",)}),
        (FEE, {"payment": ()}),
        (f"{FEE}\n4. Interest. Overdue amounts shall bear interest of 1% per month.", {"payment": ("late_fee",)}),
        (
            f"{FEE} If this is not paid the entire unpaid balance shall become immediately due and payable.",
            {"payment": ("acceleration",)},
        ),
        (
            "4. Testing. Customer shall accept or reject the goods within ten (10) days after delivery. Goods not"
            " rejected by then are deemed accepted.",
            {"delivery": ("deemed",)},
        ),
    ],
)
def test_what_happens_otherwise_is_named(clauses: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert {str(one.kind): one.consequences for one in milestones_of(clauses)} == expected
