"""What follows the signatures of a contract in the same file is a part of its own, and known for what it is."""

import pytest

from extractors.engine import prepare
from extractors.extract import extract
from extractors.parts import split_parts
from models.contract import TermField
from models.part import PartKind
from models.source import SourceText
from rules.loader import installed_rules

CONTRACT = (
    "SUPPLY AGREEMENT\nThis Supply Agreement is made as of March 1, 2010 between Alder Ltd and Birch Inc.\n"
    "NOW, THEREFORE, the parties agree as follows:\n"
    + "1. Supply. Alder shall supply the Products that Birch orders, as Exhibit A describes them.\n"
    * 6
    + "2. Term. The term of this Agreement shall end on February 28, 2013.\n"
    "3. Exhibits.\nExhibit A is a part of this Agreement.\n"
    "IN WITNESS WHEREOF, the parties have signed this Agreement.\nBy: /s/ A. Alder\n"
)
FORM = (
    "EXHIBIT B\nFORM OF LICENSE AGREEMENT\nThis License Agreement is entered into as of May 5, 2011 between Alder and "
    "the licensee.\nThe term of this Agreement shall end on April 30, 2019.\n"
)


def parts(after: str) -> list[tuple[str, str]]:
    text = CONTRACT + after
    return [(str(part.kind), part.title) for part in split_parts(text, text.index("IN WITNESS"))[1:]]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param("The end.\n", [], id="nothing follows"),
        pytest.param(
            "EXHIBIT A\nPRICES\nBolts: $2.\n", [("exhibit", "Exhibit A - PRICES")], id="title on the line below"
        ),
        pytest.param(
            "Schedule 1.2(b) - Sites\nHull.\n", [("exhibit", "Schedule 1.2(b) - Sites")], id="title on the line"
        ),
        pytest.param("ANNEX II\nthe sites are listed here.\n", [("exhibit", "Annex II")], id="no title"),
        pytest.param(
            "EXHIBIT A TO SUPPLY AGREEMENT\nProducts\nBolts.\n",
            [("exhibit", "Exhibit A - Products")],
            id="attached to what",
        ),
        pytest.param(
            'Exhibit "C" - STATEMENT OF WORK\nPhase 1.\n',
            [("statement_of_work", "Exhibit C - STATEMENT OF WORK")],
            id="statement of work",
        ),
        pytest.param(FORM, [("form", "Exhibit B - FORM OF LICENSE AGREEMENT")], id="form of another agreement"),
        pytest.param(
            "EXHIBIT D\nQUALITY AGREEMENT\nThis Quality Agreement is entered into between Alder and Birch.\n",
            [("agreement", "Exhibit D - QUALITY AGREEMENT")],
            id="another agreement, attached",
        ),
        pytest.param(
            "EXHIBIT D\nQUALITY AGREEMENT\n[Omitted]\n",
            [("exhibit", "Exhibit D - QUALITY AGREEMENT")],
            id="an agreement that is only named is an exhibit like others",
        ),
        pytest.param(
            "AMENDMENT NO. 1 TO SUPPLY AGREEMENT\nThis Amendment is made as of June 1, 2012 by Alder and Birch.\n",
            [("amendment", "AMENDMENT NO. 1 TO SUPPLY AGREEMENT")],
            id="amendment filed behind the contract",
        ),
        pytest.param(
            "DISTRIBUTION AGREEMENT\nThis Distribution Agreement is made by and between Alder and Cedar.\n",
            [("agreement", "DISTRIBUTION AGREEMENT")],
            id="a second agreement without a label",
        ),
        pytest.param("SUPPLY AGREEMENT\nPage 7\n", [], id="the title at the head of a page opens nothing"),
        pytest.param("Exhibit A is attached hereto.\n", [], id="a sentence about an exhibit"),
        pytest.param("Exhibit A ........ 14\n", [], id="an entry of a table of contents"),
        pytest.param(
            "EXHIBIT A\nPRICES\nBolts: $2.\nEXHIBIT A\nNuts: $1.\n",
            [("exhibit", "Exhibit A - PRICES")],
            id="the label at the head of each page is one part",
        ),
        pytest.param(
            "EXHIBIT A\nEXHIBIT B\nEXHIBIT A\nPRICES\n" + "Bolts: $2.\n" * 30 + "EXHIBIT B\nSITES\nHull.\n",
            [("exhibit", "Exhibit A - PRICES"), ("exhibit", "Exhibit B - SITES")],
            id="a list of exhibits is none",
        ),
    ],
)
def test_parts_are_known_by_their_labels_titles_and_opening_words(after: str, expected: list[tuple[str, str]]) -> None:
    assert parts(after) == expected


def test_exhibits_named_before_the_signatures_are_no_parts() -> None:
    assert parts("") == []


def test_the_parts_together_are_all_of_the_text() -> None:
    text = CONTRACT + FORM + "EXHIBIT C\nSITES\nHull.\n"
    found = prepare(SourceText(text, (), ())).parts
    assert [part.kind for part in found] == [PartKind.MAIN, PartKind.FORM, PartKind.EXHIBIT]
    assert "".join(text[part.start : part.end] for part in found) == text


def test_an_attached_form_does_not_date_the_contract_it_is_attached_to() -> None:
    undated = CONTRACT.replace(" as of March 1, 2010", "").replace("end on February 28, 2013", "be agreed")
    found = extract(SourceText(undated + FORM, (), ()), installed_rules())
    dates = {term.field: term.expr for term in found.terms}
    assert dates[TermField.AGREEMENT_DATE] is None
    assert dates[TermField.EXPIRATION_DATE] is None


def test_a_schedule_that_states_the_term_completes_the_contract_and_is_named() -> None:
    undated = CONTRACT.replace("end on February 28, 2013", "be as Schedule 1 states it")
    schedule = "SCHEDULE 1\nPARTICULARS\nThe term of this Agreement shall end on February 28, 2014.\n"
    found = extract(SourceText(undated + schedule, (), ()), installed_rules())
    (end,) = (term for term in found.terms if term.field is TermField.EXPIRATION_DATE)
    assert end.evidence[0].part == "Schedule 1 - PARTICULARS"
    assert end.evidence[0].where.startswith("Schedule 1")


@pytest.mark.parametrize(
    ("subject", "stands"), [("this Statement of Work", False), ("this SOW", False), ("the Agreement", True)]
)
def test_the_term_of_an_order_is_not_that_of_the_contract_it_is_placed_under(subject: str, stands: bool) -> None:
    undated = CONTRACT.replace("end on February 28, 2013", "be agreed")
    work = f"EXHIBIT C\nSTATEMENT OF WORK\nThe term of {subject} shall end on June 30, 2012.\n"
    found = extract(SourceText(undated + work, (), ()), installed_rules())
    (end,) = (term for term in found.terms if term.field is TermField.EXPIRATION_DATE)
    assert (end.expr is not None) is stands


def test_milestones_say_which_part_they_stand_in() -> None:
    work = "EXHIBIT C\nSTATEMENT OF WORK\nBirch shall pay each invoice within thirty (30) days after its receipt.\n"
    found = extract(SourceText(CONTRACT + work, (), ()), installed_rules())
    assert {one.evidence[0].part for one in found.milestones if "invoice" in one.quote} == {
        "Exhibit C - STATEMENT OF WORK"
    }
    assert found.parts[0].title == "SUPPLY AGREEMENT"
