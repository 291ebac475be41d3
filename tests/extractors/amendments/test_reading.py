"""What a document says it amends and what it does: all texts are written for these tests."""

import datetime as dt

import pytest

from extractors.amendments import read_amendment
from extractors.amendments.numbering import as_number, clause_name
from extractors.engine import prepare
from extractors.extract import Findings, extract
from models.dateexpr import Fixed
from models.family import PART, FamilyRole, Operation, OperationKind, Reference
from models.source import SourceText
from models.term import TermField
from rules.loader import installed_rules

OPENING = (
    "AMENDMENT NO. 1 TO SUPPLY AGREEMENT\n"
    'This Amendment No. 1 is made as of May 2, 2021 between Oak Systems, Inc. ("Oak") and Elm Foods LLC ("Elm") '
    'and amends the Supply Agreement dated as of March 1, 2020 (the "Agreement").\n'
)


def findings(text: str) -> Findings:
    return extract(SourceText(text, (), ()), installed_rules())


def reference(text: str) -> Reference:
    [found] = findings(text).amends
    return found


def operations(sentences: str) -> list[Operation]:
    found = findings(OPENING + sentences).operations
    return [one for one in found if one.kind is not OperationKind.CONFIRM]


@pytest.mark.parametrize(
    ("text", "role", "number", "title", "dated"),
    [
        pytest.param(OPENING, "amendment", 1, "Supply Agreement", "2020-03-01", id="amendment"),
        pytest.param(
            "This Third Amendment (this “Amendment”) to that certain Lease dated June 4, 2012, by and between Oak LLC "
            "and Elm LLC is made on May 2, 2021.",
            "amendment", 3, "Lease", "2012-06-04", id="in words",
        ),
        pytest.param(
            "DEED OF VARIATION\nThis deed of variation is dated 2 May 2021 and is between Oak Ltd and Elm Ltd. The "
            "parties entered into a Supply Agreement dated 1 March 2020.",
            "amendment", None, "Supply Agreement", "2020-03-01", id="deed",
        ),
        pytest.param(
            "AMENDED AND RESTATED SUPPLY AGREEMENT\nThis Amended and Restated Supply Agreement is dated 2 May 2021 and "
            "is between Oak Ltd and Elm Ltd. It amends and restates in its entirety the Supply Agreement between "
            "the parties dated March 1, 2020.",
            "restatement", None, "Supply Agreement", "2020-03-01", id="restatement",
        ),
        pytest.param(
            "STATEMENT OF WORK\nThis Statement of Work #4 is made under the Master Services Agreement dated March 1, "
            "2020 between Oak Ltd and Elm Ltd.",
            "statement_of_work", 4, "Master Services Agreement", "2020-03-01", id="statement of work",
        ),
        pytest.param(
            "MUTUAL TERMINATION AGREEMENT\nThis Mutual Termination Agreement is made between Oak Ltd and Elm Ltd, who "
            "are parties to the Supply Agreement dated March 1, 2020.",
            "termination", None, "Supply Agreement", "2020-03-01", id="termination",
        ),
    ],
)  # fmt: skip
def test_a_document_says_what_it_belongs_to(text: str, role: str, number: int | None, title: str, dated: str) -> None:
    found = reference(text)
    assert (found.role, found.number, found.title) == (FamilyRole(role), number, title)
    assert found.dated == dt.date.fromisoformat(dated)
    assert found.evidence.quote == text[found.evidence.start : found.evidence.end]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "This Supply Agreement is dated March 1, 2020 between Oak Ltd and Elm Ltd. 9. Amendment. No amendment of "
            "this Agreement is valid unless it is in writing.",
            id="a clause on amendments",
        ),
        pytest.param(
            "This Supply Agreement is dated March 1, 2020. They also signed a Lease dated May 2, 2015, as amended.",
            id="another contract is named",
        ),
        pytest.param(
            "This Supply Agreement is dated March 1, 2020. Work is described in statements of work under it.",
            id="a master of statements of work",
        ),
    ],
)
def test_a_contract_that_stands_alone_amends_nothing(text: str) -> None:
    assert findings(text).amends == ()
    assert findings(text).operations == ()


@pytest.mark.parametrize(
    ("sentence", "kind", "section"),
    [
        ("Section 2.1 of the Agreement is hereby deleted in its entirety.", "delete", "2.1"),
        ("Exhibit B to the Agreement is replaced by the Exhibit B attached hereto.", "replace", "Exhibit B"),
        ("The term of the Agreement is hereby extended to June 30, 2024.", "extend", None),
        ("A new Section 7.4 is added to the Agreement as follows: “7.4 Elm keeps books.”", "insert", "7.4"),
        ("Clause 3.2 of Schedule 4 is hereby deleted in its entirety.", "delete", "Schedule 4, 3.2"),
        ("Section 9 of the Agreement is amended as set out in a plan of the parties.", "amend", "9"),
        ("The Agreement is terminated with respect to the North Plant only.", "terminate_part", None),
        ("The Agreement is hereby terminated effective as of June 1, 2021.", "terminate", None),
    ],
)  # fmt: skip
def test_a_sentence_is_one_operation(sentence: str, kind: str, section: str | None) -> None:
    [found] = operations(f"1. {sentence}\n2. Except as amended hereby the Agreement remains in full force.\n")
    assert (str(found.kind), found.section, found.quote) == (kind, section, sentence)


@pytest.mark.parametrize(
    ("sentence", "old"),
    [
        ("The reference to thirty (30) days in Section 3.2 is replaced by sixty (60) days.", "30 days"),
        ('The reference in clause 3.2 to "30 days" is replaced with a reference to "60 days".', "30 days"),
        ('Section 3.2 is amended by substituting "sixty (60) days" for "thirty (30) days".', "30 days"),
        ('The words "30 days" in Section 3.2 are deleted and the words "60 days" are substituted therefor.', "30 days"),
        ('Section 3.2 is amended to replace "thirty (30) days" with "sixty (60) days".', "30 days"),
        ('Section 3.2 is amended by striking "30 days" and inserting in lieu thereof "60 days".', "30 days"),
        ("The notice period in Section 3.2 is increased to sixty (60) days.", None),
        ('Section 3.2 is amended to delete the words "30 days" and insert in their place "60 days".', "30 days"),
        ("The Agreement is amended to change the notice period in Section 3.2 from 30 days to 60 days.", "30 days"),
    ],
)  # fmt: skip
def test_words_are_exchanged_in_many_ways(sentence: str, old: str | None) -> None:
    [found] = operations(sentence)
    [pair] = found.exchanges
    periods = [str(one.period) if one else None for one in (pair.old, pair.new)]
    assert (found.kind, found.section, periods) == (OperationKind.REPLACE_WORDS, "3.2", [old, "60 days"])


@pytest.mark.parametrize(
    "sentence",
    [
        "The term of the Agreement is hereby extended through December 31, 2025.",
        "The Termination Date of the Agreement is hereby amended to be December 31, 2025.",
        'The definition of "Expiration Date" in Section 1.1 is hereby amended to mean December 31, 2025.',
        "The Agreement shall continue in effect until December 31, 2025.",
        "The Term is extended for an additional three (3) year period commencing on January 1, 2023 and expiring on "
        "December 31, 2025.",
        "The parties hereby reinstate and renew the Agreement through December 31, 2025.",
        "The Agreement is renewed for a further term of one (1) year commencing on January 1, 2025 and ending on "
        "December 31, 2025.",
    ],
)
def test_a_longer_term_is_told_in_many_ways(sentence: str) -> None:
    [found] = operations(sentence)
    [pair] = found.exchanges
    assert found.kind is OperationKind.EXTEND
    assert pair.new is not None
    assert (pair.new.date, found.since) == (dt.date(2025, 12, 31), None)


@pytest.mark.parametrize(
    "sentence",
    [
        "Section 2.1 of the Agreement is deleted in its entirety and the following is substituted in lieu thereof: {}",
        "Section 2.1 of the Agreement is deleted and the following new Section 2.1 is inserted in its place: {}",
        "Section 2.1 is amended by deleting such section in its entirety and replacing it with the following: {}",
        "Section 2.1 of the Agreement shall be amended to read in full as follows: {}",
        "Section 2.1 of the Agreement shall now read: {}",
        "Section 2.1 of the Agreement shall be deleted in its entirety and shall be replaced by the following:\n{}",
    ],
)
def test_a_clause_gets_a_new_text_in_many_ways(sentence: str) -> None:
    [found] = operations(sentence.format('"2.1 Elm shall pay Oak $500 on the first day of each month."'))
    assert (found.kind, found.section) == (OperationKind.REPLACE_CLAUSE, "2.1")
    assert found.text == "2.1 Elm shall pay Oak $500 on the first day of each month."


def test_what_an_amendment_says_of_itself_is_no_new_text_of_the_clause_before() -> None:
    [found] = operations(
        "Section 15 is amended by adding a new Section 15.4, which shall read as follows:\n"
        "15.4 Oak may inspect the plant of Elm.\nThis Amendment may be signed in counterparts.\n"
    )
    assert found.text == "15.4 Oak may inspect the plant of Elm."


def test_a_sentence_that_only_announces_changes_is_none() -> None:
    found = operations(
        'Section 1 of the Agreement is amended as follows:\nSection 1(a) is deleted and replaced by: "(a) Red."\n'
    )
    assert [(one.kind, one.section) for one in found] == [(OperationKind.REPLACE_CLAUSE, "1(a)")]


BETWEEN = "between Oak Systems, Inc. and Elm Foods LLC"


@pytest.mark.parametrize(
    ("text", "role", "title", "dated"),
    [
        pytest.param(
            "May 2, 2021\nElm Foods LLC\nRe: Amendment to Supply Agreement\nDear Ms. Elm:\n"
            "This letter agreement amends "
            f"the Supply Agreement dated March 1, 2020 {BETWEEN}.",
            "amendment", "Supply Agreement", "2021-05-02", id="a letter",
        ),
        pytest.param(
            "AMENDMENT AND WAIVER\n"
            f"This Amendment and Waiver, dated as of May 2, 2021, to the Supply Agreement, dated as of "
            f"March 1, 2020 (the “Agreement”), {BETWEEN}.",
            "amendment", "Supply Agreement", "2021-05-02", id="amendment and waiver",
        ),
        pytest.param(
            "MODIFICATION AGREEMENT\n"
            f"This Modification Agreement is made as of May 2, 2021 {BETWEEN} to modify the Supply "
            "Agreement dated March 1, 2020.",
            "amendment", "Supply Agreement", "2021-05-02", id="modification",
        ),
        pytest.param(
            "AMENDMENT TO SERVICES AGREEMENT\n"
            f"This Amendment is made this 2nd day of May, 2021, {BETWEEN}. Oak and Elm "
            "entered into a Services Agreement on March 1, 2020.",
            "amendment", "Services Agreement", "2021-05-02", id="entered into on",
        ),
        pytest.param(
            "SUPPLEMENTAL AGREEMENT\n"
            f"This Supplemental Agreement dated 2 May 2021 {BETWEEN} is supplemental to an agreement "
            "dated 1 March 2020 made between the same parties.",
            "amendment", None, "2021-05-02", id="without the title of the other",
        ),
        pytest.param(
            "CHANGE ORDER NO. 4\n"
            f"This Change Order No. 4 is issued under the Construction Agreement dated March 1, 2020 "
            f"{BETWEEN} and is dated May 2, 2021.",
            "amendment", "Construction Agreement", "2021-05-02", id="change order",
        ),
        pytest.param(
            f"SECOND AMENDMENT\nThis Second Amendment to the Supply Agreement dated March 1, 2020 is agreed {BETWEEN}.",
            "amendment", "Supply Agreement", None, id="without a date of its own",
        ),
    ],
)  # fmt: skip
def test_documents_that_amend_call_themselves_many_things(
    text: str, role: str, title: str | None, dated: str | None
) -> None:
    found = findings(f"{text}\n1. Section 4.2 of the Agreement is hereby deleted.\n")
    [said] = found.amends
    assert (str(said.role), said.title, said.dated) == (role, title, dt.date(2020, 3, 1))
    [own] = [one.expr for one in found.terms if one.field is TermField.AGREEMENT_DATE]
    assert (own.date.isoformat() if isinstance(own, Fixed) else None) == dated


def test_a_document_that_names_the_date_of_the_other_first_keeps_its_own() -> None:
    found = findings(
        'AMENDMENT NO. 1 TO LEASE\nThis Amendment No. 1 to the Warehouse Lease dated as of March 1, 2020 (the "Lease") '
        'is made and entered into as of May 2, 2021 by Oak LLC ("Landlord") and Elm LLC ("Tenant").\n'
    )
    assert found.amends[0].dated == dt.date(2020, 3, 1)
    [dated] = [one.expr for one in found.terms if one.field is TermField.AGREEMENT_DATE]
    assert dated == Fixed(date=dt.date(2021, 5, 2))


def test_every_quote_is_the_text_at_its_place() -> None:
    text = (
        OPENING + "1. Section 4 is replaced in its entirety by: “4. The term is two years.”\n2. Section 5 is deleted.\n"
    )
    for operation in findings(text).operations:
        assert all(one.quote == text[one.start : one.end] for one in operation.evidence)


def test_the_new_text_of_a_clause_is_read_as_a_clause_of_its_own() -> None:
    [found] = operations(
        "1. Section 4 of the Agreement is hereby amended to read in its entirety as follows:\n"
        "4. Term. This Agreement shall be in effect through March 31, 2026 and renews automatically for terms "
        "of one year unless a party gives notice of non-renewal sixty days before the end of the term.\n"
        "2. OTHER TERMS.\nAll other terms of the Agreement remain unchanged.\n"
    )
    assert found.text is not None
    assert found.text.startswith("4. Term.")
    assert found.text.endswith("the end of the term.")
    assert {term.field for term in found.terms} == {
        TermField.EXPIRATION_DATE,
        TermField.RENEWAL_TERM,
        TermField.NOTICE_PERIOD,
    }


def test_several_words_are_exchanged_in_one_sentence() -> None:
    [found] = operations(
        "1. Section 4.2 is amended by deleting “one year” and inserting “two years” in its place, and by replacing "
        "“sixty (60) days” with “ninety (90) days”.\n"
    )
    words = [(one.old.text, one.new.text) for one in found.exchanges if one.old and one.new]
    assert words == [("one year", "two years"), ("sixty (60) days", "ninety (90) days")]


def test_a_sentence_that_read_otherwise_before_has_its_old_and_its_new_text() -> None:
    [found] = operations(
        "1. Section 3(b) of the Agreement is amended so that whereas it previously read:\n“Oak pays monthly.”\n"
        "it now reads:\n“Oak pays weekly.”\n2. Except as amended hereby the Agreement remains in full force.\n"
    )
    [words] = found.exchanges
    assert words.old is not None
    assert words.new is not None
    assert (words.old.text, words.new.text) == ("Oak pays monthly.", "Oak pays weekly.")
    assert PART in found.flags


def test_a_change_from_a_later_day_has_that_day() -> None:
    [found] = operations("1. From June 1, 2022 the fee in Section 3 is increased from $400.00 to $450.00 per month.\n")
    assert found.since == dt.date(2022, 6, 1)


def test_a_form_of_an_amendment_in_an_exhibit_makes_no_amendment_of_a_contract() -> None:
    text = "This Supply Agreement is dated March 1, 2020 between Oak Ltd and Elm Ltd.\n" + "Oak sells pears. " * 200
    text += "\nEXHIBIT F\nAMENDMENT TO LEASE\nThis Amendment to Lease is made as of ______ between Lessor and Lessee.\n"
    document = prepare(SourceText(text, (), ()))
    assert read_amendment(document, (), installed_rules()).references == ()


@pytest.mark.parametrize(
    ("word", "number"), [("Second", 2), ("2nd", 2), ("iv", 4), ("#3", 3), ("twelfth", 12), ("A", None)]
)
def test_amendments_are_numbered_in_many_ways(word: str, number: int | None) -> None:
    assert as_number(word) == number


@pytest.mark.parametrize(
    ("words", "name"),
    [("Section 4.2", "4.2"), ("clauses 12.1 (ii)", "12.1(ii)"), ("EXHIBIT B", "Exhibit B"), ("Annex c-1", "Annex C-1")],
)  # fmt: skip
def test_a_clause_is_named_without_its_kind_and_an_attachment_with_it(words: str, name: str) -> None:
    assert clause_name(words) == name
