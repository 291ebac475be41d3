"""What clauses set, read by the whole of the extractor: every text is written for these tests."""

from decimal import Decimal

import pytest

from models.contract import Milestone, MilestoneKind
from tests.extractors.milestones.contracts import milestones_of, timing

TERM = (
    "5. Term. This Agreement shall continue for an initial term of three (3) years from the Effective Date and shall"
    " automatically renew for successive one (1) year terms, unless either party gives written notice of non-renewal at"
    " least ninety (90) days before the end of the then-current term."
)


def said(milestone: Milestone) -> tuple[str, str, str, str | None]:
    return str(milestone.kind), milestone.title, timing(milestone), milestone.who


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(
            "2. Payment. Customer shall pay each undisputed invoice within thirty (30) days after receipt of"
            " the invoice.",
            [("payment", "Pay each undisputed invoice", "30 days after receipt of the invoice, per_event", "Customer")],
            id="net days after invoice",
        ),
        pytest.param(
            "3. Fee. Customer shall pay Supplier $24,000 on July 1, 2015, July 1, 2016 and July 1, 2017.",
            [("payment", "Pay Supplier $24,000", f"{year}-07-01", "Customer") for year in (2015, 2016, 2017)],
            id="several dates in one sentence",
        ),
        pytest.param(
            "3. Fee. Upon execution of this Agreement, Customer shall pay Supplier a deposit of $10,000.",
            [
                (
                    "payment",
                    "Pay Supplier a deposit of $10,000",
                    "upon execution of this Agreement, 2014-03-03",
                    "Customer",
                )
            ],
            id="deposit on signing",
        ),
        pytest.param(
            "4. Royalties. Customer shall pay Supplier a royalty of 5% of Net Sales within 45 days after the"
            " end of each"
            " calendar quarter.",
            [
                (
                    "payment",
                    "Pay Supplier a royalty of 5% of Net Sales",
                    "45 days after end of each calendar quarter, 2014-05-15, quarterly",
                    "Customer",
                )
            ],
            id="royalty after quarter end",
        ),
        pytest.param(
            "4. Reports. The Supplier shall submit a written report to the Customer by 30 June of each year.",
            [("report", "Submit a written report to the Customer", "2014-06-30, annual", "Supplier")],
            id="a day of the year without a year comes back each year",
        ),
        pytest.param(
            TERM,
            [
                ("expiration", "End of the term", "3 years after Effective Date, 2017-03-03", None),
                ("renewal", "Renewal for 1 year", "1 year after end of the term, 2017-03-03", None),
                (
                    "notice",
                    "Give notice of non-renewal",
                    "90 days before end of the then-current term, 2016-12-03",
                    "either party",
                ),
            ],
            id="term, renewal and notice of one sentence",
        ),
        pytest.param(
            "6. Termination. Either party may terminate this Agreement without cause upon sixty (60) days'"
            " prior written"
            " notice by registered mail.",
            [("termination", "Termination on 60 days' notice", "60 days before termination", "either party")],
            id="termination on notice",
        ),
        pytest.param(
            "6. Termination. Either party may terminate this Agreement if the other party fails to cure a"
            " material breach"
            " within ten (10) days.",
            [("cure", "Cure a breach within 10 days", "10 days after notice", "breaching party")],
            id="a cure period without an anchor runs from notice",
        ),
        pytest.param(
            "7. Survival. The obligations of confidentiality in this Section survive termination for a period"
            " of five (5)"
            " years.",
            [("survival", "Confidentiality for 5 years", "5 years after termination", None)],
            id="survival",
        ),
        pytest.param(
            "10. Delivery. The first consignment shall be delivered within six weeks after receipt of the order.",
            [("delivery", "Deliver the first consignment", "6 weeks after receipt of the order, per_event", None)],
            id="a duty in the passive",
        ),
        pytest.param(
            "11. Meetings. The parties shall meet quarterly to review the performance of the services.",
            [
                (
                    "review",
                    "Meet quarterly to review the performance of the services",
                    "2014-03-03, quarterly",
                    "the parties",
                )
            ],
            id="meetings",
        ),
    ],
)
def test_a_clause_sets_its_milestones(clause: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    assert [said(one) for one in milestones_of(clause)] == expected


@pytest.mark.parametrize(
    "clause",
    [
        "8. Liability. The liability of the Supplier shall not exceed the fees paid in the twelve (12) months"
        " before the"
        " event.",
        '1. "Contract Year" means each period of twelve (12) months from the Effective Date.',
        "9. Interest. Overdue amounts bear interest of 1.5% per month.",
        "9. Notices. Notices are deemed received three (3) days after mailing.",
        "9. Insolvency. It is a default if a petition in bankruptcy is not dismissed within sixty (60) days.",
    ],
)
def test_times_that_nobody_would_put_into_a_calendar_are_no_milestones(clause: str) -> None:
    assert milestones_of(clause) == []


def test_each_instalment_has_its_own_amount() -> None:
    clause = (
        "3. Fee. Customer shall pay $16,600 on February 1, 2015 and $25,000 within thirty (30) days after completion of"
        " the work."
    )
    amounts = [one.amount for one in milestones_of(clause)]
    assert [(one.value, one.currency) for one in amounts if one] == [
        (Decimal(16600), "USD"),
        (Decimal(25000), "USD"),
    ]


def test_what_waits_says_for_what_in_words_a_person_can_read() -> None:
    clauses = (
        "6. Termination. Either party may terminate this Agreement upon sixty (60) days' prior written notice.\n"
        "7. Cure. Supplier may terminate this Agreement if Customer fails to cure a material breach within ten"
        " (10) days.\n"
    )
    waits = {str(one.kind): one.blocked_on for one in milestones_of(clauses)}
    assert waits == {"termination": "termination of the contract", "cure": "notice"}


def test_notices_say_how_they_are_sent_and_vague_words_are_shown() -> None:
    clause = (
        "6. Termination. Either party may terminate this Agreement upon sixty (60) days' prior written notice by"
        " registered mail, and shall promptly return all keys."
    )
    found = [one for one in milestones_of(clause) if one.kind is MilestoneKind.TERMINATION]
    assert [(one.method, one.vague) for one in found] == [("registered mail, in writing", ("promptly",))]


def test_a_clause_that_an_exhibit_repeats_word_for_word_is_one_milestone() -> None:
    clause = "Supplier shall deliver the Test Report to Customer on or before 30 June 2014."
    [once] = milestones_of(f"2. Report. {clause}")
    [twice] = milestones_of(f"2. Report. {clause}\nEXHIBIT A\nThe contract says:\n2. Report. {clause}")
    assert (twice.title, twice.date) == (once.title, once.date)
