"""Notices clauses: the ways they allow, when a notice counts by each, and where it goes."""

import pytest

from extractors.milestones.notices import NoticesClause, notice_words, notices_clause, sending_for
from models.contract import Party
from models.sending import Addressee
from rules.loader import installed_rules
from tests.extractors.milestones.contracts import OPENING, document_of

PARTIES = (Party(name="Alder Ltd", defined_as="Supplier"), Party(name="Birch Ltd", defined_as="Customer"))
WORDS = notice_words(installed_rules())


def clause_of(text: str) -> NoticesClause | None:
    return notices_clause(document_of(OPENING + text), PARTIES, installed_rules())


def read(text: str) -> dict[str, str]:
    """The ways that a clause allows, each with when a notice counts by it."""
    clause = clause_of(text)
    assert clause is not None
    told = {}
    for method in clause.methods:
        receipt = clause.receipts.get(method)
        told[method] = "" if receipt is None else "receipt" if receipt.on_receipt else str(receipt.after)
    return told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "9. Notices. All notices shall be in writing and sent by certified mail or overnight courier. They are"
            " effective three (3) business days after mailing or one (1) day after dispatch by courier.",
            {"certified mail": "3 business days", "courier": "1 day"},
            id="a time for each way",
        ),
        pytest.param(
            "9. Notices. Any notice shall be deemed given (a) when delivered by hand; (b) upon confirmed transmission,"
            " if sent by facsimile; or (c) on the fourth (4th) Business Day after posting by registered mail.",
            {"personal delivery": "receipt", "fax": "0 days", "registered mail": "4 business days"},
            id="a list",
        ),
        pytest.param(
            "9. Notices. A notice must be given in writing, by registered letter. A letter is deemed received on the"
            " third day after posting.",
            {"registered mail": "3 days"},
            id="in a sentence of its own",
        ),
        pytest.param(
            "9. Notices. Notices must be sent by e-mail or by courier. E-mail is deemed received on the next business"
            " day and courier deliveries on the second (2nd) business day after dispatch.",
            {"e-mail": "1 business day", "courier": "2 business days"},
            id="the way before the time",
        ),
        pytest.param(
            "9. Notices. All notices shall be sent by registered mail and are deemed received seventy-two (72) hours"
            " after posting.",
            {"registered mail": "3 days"},
            id="hours are days, rounded up",
        ),
        pytest.param(
            "9. Notices. All notices shall be in writing and will be deemed given upon receipt if delivered by hand or"
            " sent by courier. Replies may be given by facsimile.",
            {"personal delivery": "receipt", "courier": "receipt", "fax": ""},
            id="one sentence allows and counts",
        ),
        pytest.param(
            "9. Notices. All notices shall be given by certified mail or by hand and shall be deemed given upon"
            " receipt.",
            {"certified mail": "receipt", "personal delivery": "receipt"},
            id="one time for all ways",
        ),
        pytest.param(
            "9. Notices. All notices must be sent by certified mail, with a copy by e-mail, which alone does not"
            " constitute notice. Notice by facsimile is not valid.",
            {"certified mail": ""},
            id="copies and what is refused are no ways",
        ),
        pytest.param(
            "9. Notices. Notices shall be sent by certified mail and are deemed given two days after mailing. A party"
            " may change its address on ten (10) days' written notice.",
            {"certified mail": "2 days"},
            id="other periods of the clause are not told of receipt",
        ),
    ],
)
def test_a_notices_clause_says_when_a_notice_counts(text: str, expected: dict[str, str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "9. Deliveries. The goods shall be sent by courier within ten days.",
        "9. Breach. Either party may terminate after notice of breach.",
        "",
    ],
)
def test_a_contract_without_a_notices_clause_has_none(text: str) -> None:
    assert clause_of(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "If to Supplier:\nAlder Ltd\n12 Quay Street, Hull\nAttention: Managing Director\nE-mail: md@alder.example\n"
            "If to the Customer:\nBirch Ltd, 3 Mill Lane, Leeds\nwith a copy to: its solicitors\n",
            (
                Addressee(
                    party="Supplier",
                    address="Alder Ltd, 12 Quay Street, Hull",
                    attention="Managing Director",
                    email="md@alder.example",
                ),
                Addressee(party="Customer", address="Birch Ltd, 3 Mill Lane, Leeds"),
            ),
            id="blocks",
        ),
        pytest.param(
            "They go to the Supplier at 12 Quay Street, Hull and to the Customer at 3 Mill Lane, Leeds.",
            (
                Addressee(party="Supplier", address="12 Quay Street, Hull"),
                Addressee(party="Customer", address="3 Mill Lane, Leeds"),
            ),
            id="in one sentence",
        ),
        pytest.param(
            "If to the Supplier, addressed to:\nAddress: 12 Quay Street, Hull\nA Notice takes effect on receipt.\n",
            (Addressee(party="Supplier", address="12 Quay Street, Hull"),),
            id="labels and the next sentence are no part of an address",
        ),
        pytest.param(
            "They go to the registered office of the recipient, for the attention of the company secretary.",
            (Addressee(address="the registered office of the recipient", attention="company secretary"),),
            id="one address for whoever receives",
        ),
    ],
)
def test_a_notices_clause_says_where_notices_go(text: str, expected: tuple[Addressee, ...]) -> None:
    clause = clause_of(f"9. Notices. All notices shall be in writing and sent by certified mail. {text}")
    assert clause is not None
    assert clause.to == expected


CLAUSE = (
    "9. Notices. All notices shall be in writing and delivered by hand or sent by courier or by certified mail. Notices"
    " of termination must be sent by registered mail. Notices are deemed given when delivered by hand, and four (4)"
    " business days after mailing."
)


@pytest.mark.parametrize(
    ("own", "slowest", "takes", "stated", "why"),
    [
        ("by written notice", "certified mail", "4 business days", True, "deemed received"),
        ("by notice delivered by hand", "personal delivery", "0 days", True, "counts on receipt"),
        ("by notice sent by courier", "courier", "2 business days", False, "allowance for the way"),
        ("by notice of termination", "registered mail", "4 business days", True, "deemed received"),
    ],
)
def test_the_slowest_way_that_is_allowed_decides_and_an_allowance_is_told_as_one(
    own: str, slowest: str, takes: str, stated: bool, why: str
) -> None:
    sending = sending_for(clause_of(CLAUSE), WORDS, own, own, None)
    assert sending is not None
    assert (sending.slowest, str(sending.takes), sending.stated) == (slowest, takes, stated)
    assert why in sending.why


def test_nobody_sends_a_notice_to_itself_and_silence_is_no_way() -> None:
    text = CLAUSE + "\nIf to Supplier:\n12 Quay Street, Hull\nIf to Customer:\n3 Mill Lane, Leeds\n"
    sending = sending_for(clause_of(text), WORDS, "", "", "Customer")
    assert sending is not None
    assert [one.party for one in sending.to] == ["Supplier"]
    assert sending_for(None, WORDS, "by written notice", "", None) is None
