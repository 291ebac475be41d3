"""Titles that a person would write, and who must act, of clauses written for these tests."""

import pytest

from tests.extractors.milestones.contracts import milestones_of, taken_as


def titles(clauses: str) -> list[str]:
    return [one.title for one in milestones_of(clauses)]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(
            "2. Prices. Supplier shall give Customer at least thirty (30) days' prior written notice of any change"
            " of its prices.",
            "Give notice of any change of its prices",
            id="a notice is of something, though its time stands before that",
        ),
        pytest.param(
            "2. Report. Supplier shall provide Customer, within ten (10) days after the Effective Date, a plan of the"
            " works.",
            "Provide Customer a plan of the works",
            id="what is provided stands behind the time",
        ),
        pytest.param(
            "2. Plan. Supplier shall deliver a plan covering the works within ten (10) days after the Effective Date.",
            "Deliver a plan covering the works",
            id="a title ends with its own words",
        ),
        pytest.param(
            "2. Plan. Supplier shall within ten (10) days after the Effective Date deliver a plan of the works.",
            "Deliver a plan of the works",
            id="the time stands before what is done",
        ),
        pytest.param(
            "4. Payment. Payment shall be made within thirty (30) days after receipt of the invoice.",
            "Pay within 30 days after receipt of the invoice",
            id="to make a payment is to pay",
        ),
        pytest.param(
            "4. Payment. The price is due and payable within thirty (30) days after receipt of the invoice.",
            "Pay the price",
            id="passive",
        ),
        pytest.param(
            "4. Payment. Payment of the deposit is due within thirty (30) days after the Effective Date.",
            "Pay the deposit",
            id="a payment is paid once",
        ),
        pytest.param(
            "4. Payment. Payment is due within thirty (30) days after receipt of the invoice.",
            "Pay within 30 days after receipt of the invoice",
            id="a payment of nothing that is named",
        ),
        pytest.param(
            "4. Payment. Payment terms: $900 within thirty (30) days after receipt of the invoice.",
            "Pay $900 within 30 days after receipt of the invoice",
            id="a payment without a sentence",
        ),
        pytest.param(
            "4. Tests. Acceptance testing shall commence within ten (10) days after the Effective Date.",
            "Acceptance testing commences",
            id="something that happens",
        ),
    ],
)
def test_a_title_says_what_is_to_be_done(clause: str, expected: str) -> None:
    assert titles(clause) == [expected]


def test_an_item_of_a_list_has_a_title_of_its_own() -> None:
    clauses = (
        "2. Diligence. Supplier shall use reasonable efforts to develop the pump and in particular shall (a) submit a"
        " plan to Customer within ninety (90) days after the Effective Date; and (b) start sales by 30 June 2016."
    )
    assert [one.title for one in taken_as("delivery", clauses)] == ["Submit a plan to Customer", "Start sales"]


def test_each_sum_of_a_list_is_paid_for_its_own_reason() -> None:
    clauses = (
        "4. Milestones. Customer shall pay each of the following amounts once: (a) $2,000 within thirty (30) days after"
        " completion of the pilot; and (b) $5,000 within thirty (30) days after the launch."
    )
    assert titles(clauses) == [
        "Pay $2,000 within 30 days after completion of the pilot",
        "Pay $5,000 within 30 days after launch",
    ]


@pytest.mark.parametrize(
    ("clause", "who"),
    [
        ("2. Plan. The Supplier shall deliver a plan within ten (10) days after the Effective Date.", "Supplier"),
        ("2. Plan. Alder Ltd shall deliver a plan within ten (10) days after the Effective Date.", "Supplier"),
        ("2. Plan. Each party shall deliver a plan within ten (10) days after the Effective Date.", "each party"),
        ("2. Plan. Monday shall deliver a plan within ten (10) days after the Effective Date.", None),
    ],
)
def test_who_acts_is_somebody_the_contract_knows(clause: str, who: str | None) -> None:
    assert [one.who for one in milestones_of(clause)] == [who]


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("unless either party gives notice of non-renewal at least ninety (90) days before its end.", "either party"),
        ("if neither party gives notice of non-renewal at least ninety (90) days before its end.", "either party"),
        ("unless Customer notifies Supplier at least ninety (90) days before its end that it ends.", "Customer"),
    ],
)
def test_a_notice_is_given_by_whoever_may_give_it(words: str, who: str) -> None:
    term = (
        "5. Term. This Agreement shall continue for three (3) years from the Effective Date and shall automatically"
        f" renew for successive one (1) year terms {words}"
    )
    assert [one.who for one in milestones_of(term) if one.kind == "notice"] == [who]
