"""What contracts say about their time, and what is read from it. All texts are written for these tests."""

from typing import Any

import pytest

from extractors.engine import prepare
from extractors.terms import TermsFound, extract_terms
from models.contract import Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.period import Period, Unit
from models.source import SourceText
from rules.loader import installed_rules

OPENING = (
    'This Supply Agreement (the "Agreement") is made on 3 March 2014 (the "Effective Date") between Alder and Birch.\n'
)
UNDATED = 'This Supply Agreement (the "Agreement") is made between Alder Ltd and Birch Ltd.\n'


def found_in(text: str) -> TermsFound:
    return extract_terms(prepare(SourceText(text, (), ())), installed_rules())


def terms_of(text: str) -> dict[TermField, Term]:
    terms, _ = resolve_contract(found_in(text).terms, ())
    return {term.field: term for term in terms}


def answer(term: Term) -> Any:
    """A term as a person would say it."""
    if term.perpetual or (term.renewal and term.renewal.perpetual):
        return "perpetual"
    if term.date:
        return term.date.isoformat()
    if term.renewal:
        return str(term.renewal.period)
    return str(term.notice) if term.notice else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "This Agreement is dated as of June 5, 2009 by and between Alder and Birch.", "2009-06-05", id="opening"
        ),
        pytest.param("This Agreement is made this 1st day of September, 2016 by Alder.", "2016-09-01", id="day of"),
        pytest.param(
            UNDATED + "WHEREAS the parties entered into that certain Lease dated May 1, 2001.",
            None,
            id="another document's date",
        ),
        pytest.param(
            UNDATED + "They agree.\nIN WITNESS WHEREOF they have executed this Agreement as of April 4, 2003.",
            "2003-04-04",
            id="testimonium",
        ),
        pytest.param(
            UNDATED + "They agree.\nBy: /s/ A\nDate: 3/25/2017\nBy: /s/ B\nDate: 3/28/2017",
            "2017-03-28",
            id="last signature",
        ),
        pytest.param(
            "This Agreement is entered into by and between Alder, Inc. and Birch, Inc. on May 4, 2001.",
            "2001-05-04",
            id="behind the parties",
        ),
        pytest.param(
            UNDATED + "They agree.\nBy: /s/ A  Dated: 6/12/2001\nBy: /s/ B  Dated: 6/14/2001",
            "2001-06-14",
            id="the last of two that sign a short contract",
        ),
        pytest.param(
            UNDATED + "They agree.\nBy: /s/ A  Date: 5/14/2001\nAPPENDIX A\nDate: 11/1/2001",
            "2001-05-14",
            id="not the date of an appendix",
        ),
        pytest.param("Alder and Birch.\nDone at Paris, on 4 May 2001, in two originals.", "2001-05-04", id="done at"),
        pytest.param("The date of this Agreement is 4 May 2001.\nAlder and Birch:", "2001-05-04", id="said as such"),
        pytest.param(
            UNDATED + "They agree.\nBy: /s/ A\nDate Signed: 5/14/2001\nBy: /s/ B\nDate Signed: 5/24/2001",
            "2001-05-24",
            id="last date signed",
        ),
        pytest.param(
            "Supply Agreement, effective as of May 1, 2012, by and between Alder Ltd and Birch Inc.",
            "2012-05-01",
            id="a title and the parties",
        ),
        pytest.param(
            "AGENCY AGREEMENT\nMay 14, 2014\nAlder & Co.\nLadies and Gentlemen:\n"
            "Birch Inc. offers shares to those who held deposits as of February 28, 2013.",
            "2014-05-14",
            id="a line of its own above a letter",
        ),
        pytest.param(
            "Services Agreement\nBirch maintains the system of Alder and delivers it by April 15, 2000.",
            None,
            id="a date in a sentence of the cover",
        ),
        pytest.param(
            "This Agreement is entered into as of the Effective Date by Alder and Birch.\n"
            '"Effective Date" means December 5, 2014.\nBy: /s/ A\nDate: 12/20/2014',
            "2014-12-05",
            id="as of the Effective Date",
        ),
        pytest.param(
            UNDATED + "They agree.\nBy: /s/ A\nDate: May 5, 1998\n" + "Birch delivers. " * 250 + "\n"
            "Amendment 2\nBy: /s/ A\nDate: November 29, 1999",
            "1998-05-05",
            id="not the signatures of an amendment in the same file",
        ),
        pytest.param(
            UNDATED + "They agree.\nCOMMENCEMENT DATE FOR MAINTENANCE: MARCH 1, 2001\nBy: /s/ A",
            None,
            id="not every date near the signatures",
        ),
    ],
)
def test_agreement_dates(text: str, expected: str | None) -> None:
    assert answer(terms_of(text)[TermField.AGREEMENT_DATE]) == expected


def test_a_date_with_blanks_is_partial_and_never_completed() -> None:
    terms = terms_of("This Agreement is made as of the ___ day of ____, 2015 between Alder and Birch.")
    assert terms[TermField.AGREEMENT_DATE].state is TermState.PARTIAL
    assert terms[TermField.AGREEMENT_DATE].date is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(OPENING, "2014-03-03", id="defined in the opening"),
        pytest.param(
            UNDATED + '"Effective Date" means October 31, 2019.', "2019-10-31", id="defined among the definitions"
        ),
        pytest.param(
            "This Agreement is made on 3 March 2014.\nIt is made by Alder.\n"
            "This Agreement shall become effective as of the date first written above.",
            "2014-03-03",
            id="the date first written above",
        ),
        pytest.param(UNDATED + "This Agreement shall commence on 15 March 2018.", "2018-03-15", id="by its beginning"),
        pytest.param(
            "This Agreement is made on 3 March 2014.\nThe Term shall commence on the Agreement Date.",
            "2014-03-03",
            id="by the agreement date",
        ),
        pytest.param(
            UNDATED + "The term of this Agreement commences as of 12:01 a.m. on April 1, 2014.", "2014-04-01", id="hour"
        ),
        pytest.param(
            UNDATED + "It is effective on the date both parties have signed this Agreement, which is effective on the "
            "date all parties have signed.\nBy: /s/ A\nDate: 5 March 2014",
            "2014-03-05",
            id="when both have signed",
        ),
        pytest.param(
            "This Agreement is dated 3 March 2014. The price is effective January 1, 2015.", None, id="not of a price"
        ),
        pytest.param(UNDATED + "This Agreement is valid from 1 April 2014.", "2014-04-01", id="valid from"),
        pytest.param(UNDATED + "This Agreement has been in effect since 1 April 2014.", "2014-04-01", id="since"),
        pytest.param(UNDATED + "TERM: From 30 January 2012 until 29 July 2012.", "2012-01-30", id="by its first day"),
        pytest.param(
            UNDATED + "The launch date shall be 1 September 1999.\nThe effective date of the term is the launch date.",
            "1999-09-01",
            id="by an event that is dated elsewhere",
        ),
        pytest.param(
            UNDATED + "The rest period is two months to commence on 4 November 1998.", None, id="not by another period"
        ),
        pytest.param("This Agreement is made as of 3 March 2014 between Alder and Birch.", None, id="not said"),
    ],
)
def test_effective_dates(text: str, expected: str | None) -> None:
    assert answer(terms_of(text)[TermField.EFFECTIVE_DATE]) == expected


def test_an_effective_date_by_condition_is_blocked_on_it() -> None:
    term = terms_of(UNDATED + 'The term "Effective Date" means the date on which the merger closes.')[
        TermField.EFFECTIVE_DATE
    ]
    assert term.state is TermState.BLOCKED
    assert term.blocked_on == "date on which the merger closes"


@pytest.mark.parametrize(
    ("clause", "waits_for"),
    [
        ("This Agreement shall become effective upon the closing of the merger", "closing of the merger"),
        (
            "This Agreement shall be effective as of the date of completion of the pipeline",
            "date of completion of the pipeline",
        ),
    ],
)
def test_a_term_that_begins_on_a_condition_waits_for_it_with_the_effective_date(clause: str, waits_for: str) -> None:
    terms = terms_of(
        f"This Agreement is made on 3 March 2014.\n2. Term. {clause} and shall continue for a term of ten years."
    )
    assert terms[TermField.EFFECTIVE_DATE].state is TermState.BLOCKED
    assert (terms[TermField.EFFECTIVE_DATE].blocked_on or "").startswith(waits_for)
    assert terms[TermField.EXPIRATION_DATE].state is TermState.BLOCKED


def test_a_date_that_is_named_after_an_event_waits_for_it() -> None:
    term = terms_of(
        OPENING + '"Commencement Date" means the date on which conversion is complete.\n'
        "The Term shall end on the eighth anniversary of the Commencement Date."
    )[TermField.EXPIRATION_DATE]
    assert (term.state, term.blocked_on) == (TermState.BLOCKED, "date on which conversion is complete")


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("The Term ends on the fifth anniversary of this Agreement.", "2019-03-03"),
        ("The term of this Agreement shall be three (3) years from the Effective Date.", "2017-03-03"),
        ("This Agreement shall remain in full force for a period of thirty-six (36) months.", "2017-03-03"),
        (
            "This Agreement shall begin on the date hereof and end on the fifth anniversary of the Effective Date.",
            "2019-03-03",
        ),
        ("The Term shall commence on May 1, 2014 and shall expire on April 30, 2016.", "2016-04-30"),
        (
            "This Agreement shall continue until the earlier of (i) December 31, 2022 and (ii) the sale of Alder.",
            "2022-12-31",
        ),
        ("This Agreement shall remain in effect until the end of the current calendar year.", "2014-12-31"),
        ("This Agreement shall continue until terminated by either party on 30 days' notice.", "perpetual"),
        ("This Agreement is valid for an indefinite period.", "perpetual"),
        ("The term of this Agreement shall end on the 60th day following a notice from one party.", "perpetual"),
        ("TERM: From 30 January 2015 until 29 July 2015.", "2015-07-29"),
        ("Alder agrees to a one-year engagement of Birch.", "2015-03-03"),
        (
            "This Agreement shall be in force until 31 December of the third year following the Effective Date.",
            "2017-12-31",
        ),
        ("This Agreement shall continue until December 31st of the third year.", "2016-12-31"),
        ("The term shall run until June 30 of the year in which the Effective Date falls.", "2014-06-30"),
        ("The Term shall extend through the end of the calendar year 2016.", "2016-12-31"),
        ("The Term begins on the Effective Date and ends at 11:59 p.m. on March 2, 2017.", "2017-03-02"),
        ("Term of Agreement: April 1, 2014 - March 31, 2017.", "2017-03-31"),
        ("The term of this Agreement shall be open-ended.", "perpetual"),
        ("This Agreement shall last until terminated. The license term for each product is one year.", "perpetual"),
        (
            '"Calendar Year" means a year, except that the first ends on December 31 of the year of the start.',
            None,
        ),
        ("The expiration date of this Agreement is December 31, 2016.", "2016-12-31"),
        ("This Agreement begins upon signature and continues for twelve consecutive months.", "2015-03-03"),
        ("This Agreement shall expire on the third annual anniversary of the Effective Date.", "2017-03-03"),
        ("The Purchase Agreement shall expire on December 31, 2016.", None),
        ("The Supply Agreement shall expire on December 31, 2016.", "2016-12-31"),
        ("Any assignee shall exist for a period of the term of the Contract and three more years.", None),
        ("In a mandatory term of 90 days, the units of Alder must continue the service.", None),
        ("This Agreement shall commence on 1 May 2014 and last two years from such date.", "2016-05-01"),
        ('Alder engages Birch from 1 June 2014 through 31 May 2015 (the "Initial Term").', "2015-05-31"),
        (
            "This Agreement shall continue for one year and shall automatically renew for successive five year terms.",
            "2015-03-03",
        ),
        ("During the term of this Agreement and for two years thereafter Birch shall not compete.", None),
        ("If Birch fails to pay within thirty days, this Agreement shall terminate.", None),
        ("Either party may terminate this Agreement upon sixty days' notice.", None),
    ],
)
def test_ends_of_the_initial_term(clause: str, expected: str | None) -> None:
    assert answer(terms_of(OPENING + clause)[TermField.EXPIRATION_DATE]) == expected


def test_a_term_counted_from_an_event_is_blocked_on_it_and_never_guessed() -> None:
    term = terms_of(OPENING + "The Term shall end three years after the first commercial sale.")[
        TermField.EXPIRATION_DATE
    ]
    assert term.state is TermState.BLOCKED
    assert term.date is None
    assert "commercial sale" in (term.blocked_on or "")


@pytest.mark.parametrize(
    "clause",
    [
        "This Agreement shall continue for the longer of two years or the life of the last patent.",
        "This Agreement shall end on the later of (i) two years from the Effective Date or (ii) the last delivery.",
    ],
)
def test_a_term_that_may_outlast_its_length_is_blocked_and_not_dated(clause: str) -> None:
    term = terms_of(OPENING + "2. Term. " + clause)[TermField.EXPIRATION_DATE]
    assert (term.state, term.date) == (TermState.BLOCKED, None)


def test_a_date_that_is_the_first_of_several_ends_says_so() -> None:
    term = terms_of(OPENING + "The Term shall end the later of December 31, 2020 or the last delivery.")[
        TermField.EXPIRATION_DATE
    ]
    assert (answer(term), term.flags) == ("2020-12-31", ("later_of",))


def test_a_term_that_ends_at_the_earlier_of_two_is_dated_by_its_length() -> None:
    terms = terms_of(
        OPENING
        + "2. Term. This Agreement shall end on the earlier of (i) the second anniversary of the Effective Date "
        "and (ii) the last delivery."
    )
    assert answer(terms[TermField.EXPIRATION_DATE]) == "2016-03-03"


def test_a_redacted_length_is_partial() -> None:
    term = terms_of(OPENING + "This Agreement shall continue for a period of [***] years.")[TermField.EXPIRATION_DATE]
    assert (term.state, term.date) == (TermState.PARTIAL, None)


@pytest.mark.parametrize(
    ("clause", "renewal", "notice"),
    [
        (
            "This Agreement shall automatically renew for successive one (1) year terms unless either party gives "
            "notice of non-renewal at least sixty (60) days prior to the end of the then-current term.",
            "1 year",
            "60 days",
        ),
        ("Birch may extend the term of this Agreement for an additional six months.", "6 months", None),
        ("The term of this Agreement may be extended by five years by mutual written agreement.", None, None),
        (
            "The parties shall hold discussions regarding a renewal of this Agreement for a period of 30 days.",
            None,
            None,
        ),
        ("The fee falls due on the first day and this Agreement continues on a quarterly basis.", None, None),
        ("Birch may, at its option, renew maintenance for subsequent periods of one year each.", "1 year", None),
        ("This Agreement is made for a renewable two-year term.", "2 years", None),
        ("The lease may be renewed at the option of Birch for two consecutive terms of five years.", "5 years", None),
        (
            "This Agreement is tacitly renewed for periods of one year, except if denounced 3 months before expiry.",
            "1 year",
            "3 months",
        ),
        (
            "Unless a party objects in writing 45 days before the end, this Agreement is prolonged by one year.",
            "1 year",
            "45 days",
        ),
        (
            "Thereafter this Agreement shall continue on a year-to-year basis and may be terminated by a party upon "
            "90 days notice prior to the end of any contract year.",
            "1 year",
            "90 days",
        ),
        (
            "The term of this Agreement is three years. This Agreement shall automatically renew for a period equal to "
            "the Initial Term.",
            "3 years",
            None,
        ),
        (
            "Each Order Form will renew automatically for a year unless a party gives 90 days notice before it ends.",
            None,
            None,
        ),
        ("Renewal Term: successive 12 month periods. Notice of non-renewal: 90 days.", "12 months", "90 days"),
        (
            "Unless terminated by a party with 60 days notice prior to the end of the initial term, this Agreement "
            "will roll over for 12-month terms.",
            "12 months",
            "60 days",
        ),
        (
            "Unless a party gives 12 months notice before the end of the fifth year, the term shall continue "
            "for another five years.",
            "5 years",
            "12 months",
        ),
        (
            "2. Term. This Agreement shall be for one year; thereafter, this Agreement shall renew automatically under "
            "the same terms.",
            "1 year",
            None,
        ),
        ("Birch may give notice not to renew this Agreement six weeks prior to the end of the term.", None, "6 weeks"),
        (
            "This Agreement renews for one-year terms unless a party gives notice of non-renewal not more than ninety "
            "(90) and not less than sixty (60) days before the end of the term.",
            "1 year",
            "60 days",
        ),
        (
            "The term of this Agreement is three years from the Effective Date and renews for successive one-year "
            "terms unless either party gives at least 90 days notice of non-renewal.",
            "1 year",
            "90 days",
        ),
        (
            "Unless either party gives written notice at least six months before the end of the Initial Term, this "
            "Agreement shall be renewed for two years.",
            "2 years",
            "6 months",
        ),
        ("Thereafter this Agreement shall continue on a year to year basis.", "1 year", None),
        ("This Agreement shall continue for two years from the Effective Date.", None, None),
        (
            "Birch has the option to renew this Agreement for three years by notice given at least ninety days "
            "before it ends.",
            "3 years",
            None,
        ),
        ("Either party may terminate this Agreement at any time upon thirty days' written notice.", None, None),
    ],
)
def test_renewals_and_the_notice_that_stops_them(clause: str, renewal: str | None, notice: str | None) -> None:
    terms = terms_of(OPENING + clause)
    assert (answer(terms[TermField.RENEWAL_TERM]), answer(terms[TermField.NOTICE_PERIOD])) == (renewal, notice)


def test_a_notice_whose_own_words_speak_of_a_renewal_counts_far_from_the_renewal_clause() -> None:
    far = "\n".join(f"{number}. Orders. Orders are placed in writing." for number in range(3, 12))
    own = terms_of(
        f"{OPENING}2. Term. This Agreement renews for successive one-year terms.\n{far}\n12. End. This Agreement may "
        "be terminated at the expiration of its term or any renewal term upon thirty days' written notice."
    )
    other = terms_of(
        f"{OPENING}2. Term. This Agreement renews for successive one-year terms.\n{far}\n12. End. A work order may be "
        "terminated at the end of a month upon thirty days' written notice."
    )
    assert (answer(own[TermField.NOTICE_PERIOD]), answer(other[TermField.NOTICE_PERIOD])) == ("30 days", None)


def test_a_proposal_to_renew_is_no_notice_that_stops_a_renewal() -> None:
    terms = terms_of(
        OPENING
        + "2. Extensions. Unless this Agreement has been terminated, at least six months prior to the expiration "
        "of the Term, Alder shall submit to Birch a written proposal for renewal."
    )
    assert answer(terms[TermField.NOTICE_PERIOD]) is None


def test_a_notice_with_two_sides_quotes_both_and_the_last_day_counts() -> None:
    text = (
        OPENING + "This Agreement renews for one-year terms unless a party gives notice of non-renewal at least sixty "
        "(60) days and not more than ninety (90) days before the end of the term."
    )
    term = terms_of(text)[TermField.NOTICE_PERIOD]
    assert (answer(term), term.flags) == ("60 days", ("two_sided",))
    assert "ninety (90) days" in term.evidence[0].quote


@pytest.mark.parametrize(
    ("words", "times"),
    [("two (2) additional terms of one year each", 2), ("successive terms of one year", None)],
)
def test_the_number_of_renewals_is_kept(words: str, times: int | None) -> None:
    renewal = terms_of(OPENING + f"Birch may renew this Agreement for {words}.")[TermField.RENEWAL_TERM].renewal
    assert renewal is not None
    assert renewal.times == times


def test_a_term_from_the_effective_date_of_another_agreement_waits_for_it() -> None:
    term = terms_of(OPENING + "The Term shall end three years after the Lease Agreement Effective Date.")[
        TermField.EXPIRATION_DATE
    ]
    assert (term.state, term.blocked_on) == (TermState.BLOCKED, "lease agreement effective date")


def test_the_initial_term_is_not_the_renewal_term() -> None:
    terms = terms_of(
        OPENING
        + "This Agreement shall continue for 36 months and shall automatically renew for terms of 12 months each, "
        "unless a party gives three months' notice before the end of the term."
    )
    assert answer(terms[TermField.EXPIRATION_DATE]) == "2017-03-03"
    renewal = terms[TermField.RENEWAL_TERM].renewal
    assert renewal is not None
    assert renewal.period == Period(count=12, unit=Unit.MONTH)
    assert terms[TermField.NOTICE_PERIOD].notice == Period(count=3, unit=Unit.MONTH)


def test_what_a_renewal_is_like_is_kept() -> None:
    term = terms_of(OPENING + "This Agreement shall automatically renew for successive terms of one year.")
    renewal = term[TermField.RENEWAL_TERM].renewal
    assert renewal is not None
    assert (renewal.automatic, renewal.successive) == (True, True)


def test_readings_that_disagree_are_kept_for_a_person() -> None:
    term = terms_of(
        OPENING
        + "2. Term. The term of this Agreement shall be three years.\n"
        + "Notices. Notices are in writing. " * 20
        + "\n12. Duration. The term of this Agreement shall be five years."
    )[TermField.EXPIRATION_DATE]
    assert term.state is TermState.CONFLICT
    assert len(term.alternatives) == 1


def test_a_length_whose_word_and_figure_disagree_is_a_conflict_with_both_readings() -> None:
    term = terms_of(
        OPENING
        + "2. Term. This Agreement renews for successive one-year terms unless either party gives notice of "
        + "non-renewal at least sixty (90) days before the end of the then-current term."
    )[TermField.NOTICE_PERIOD]
    assert term.state is TermState.CONFLICT
    assert [reading.text for reading in term.alternatives] == ["60 days", "90 days"]
    assert {reading.evidence.quote for reading in term.alternatives} == {"sixty (90) days"}


def test_a_length_whose_word_and_figure_agree_is_no_conflict() -> None:
    term = terms_of(
        OPENING
        + "2. Term. This Agreement renews for successive one-year terms unless either party gives notice of "
        + "non-renewal at least ninety (90) days before the end of the then-current term."
    )[TermField.NOTICE_PERIOD]
    assert (term.state, term.alternatives) == (TermState.FOUND, ())


def test_every_value_quotes_the_text_it_was_read_from() -> None:
    text = OPENING + "The term of this Agreement shall be three years. It shall renew for successive one-year terms."
    for term in found_in(text).terms:
        for evidence in term.evidence:
            assert text[evidence.start : evidence.end] == evidence.quote
        assert bool(term.evidence) == (term.state is not TermState.ABSENT)


def test_a_contract_that_says_nothing_is_answered_by_absence_with_a_confidence() -> None:
    for field, term in terms_of("Alder and Birch like each other.").items():
        assert term.state is TermState.ABSENT, field
        assert 0 < term.confidence <= 1


def test_title_parties_type_and_law_are_found() -> None:
    terms = terms_of(
        "MASTER SUPPLY AGREEMENT\nThis Master Supply Agreement is made on 3 March 2014 between Alder Systems, Inc., a "
        'Delaware corporation ("Supplier"), and Birch Foods Ltd, an English company ("Buyer").\n'
        "1. Law. This Agreement is governed by the laws of the State of New York."
    )
    assert terms[TermField.TITLE].text == "MASTER SUPPLY AGREEMENT"
    assert [(party.name, party.defined_as) for party in terms[TermField.PARTIES].parties] == [
        ("Alder Systems, Inc.", "Supplier"),
        ("Birch Foods Ltd", "Buyer"),
    ]
    assert terms[TermField.CONTRACT_TYPE].text == "supply"
    assert terms[TermField.GOVERNING_LAW].text == "New York"


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("DRAFT 2\nThis Agreement is made on 3 March 2014.", True),
        ("FORM OF AGREEMENT\nMade by Alder.", True),
        (OPENING, False),
        (OPENING + "They agree.\nALDER LTD\nBy:\nName: A. Alder\nTitle: Director", True),
        (OPENING + "They agree.\nALDER LTD\nBy: __________________\nIts: President", True),
        (OPENING + "They agree.\nALDER LTD\nBy: /s/ A. Alder\nBIRCH LTD\nBy: ______", False),
        (OPENING + "They agree.\nALDER LTD\nBy: A. Alder, President", False),
        (OPENING + "They agree.\nALDER LTD\nBy:\nName: A. Alder\nDate: 3 March 2014", False),
        ("This Agreement is made this ___ day of ____, 2014 by Alder.", True),
    ],
)
def test_drafts_and_what_nobody_has_signed_say_so_and_show_where(text: str, draft: bool) -> None:
    found = found_in(text)
    assert found.draft is draft
    assert bool(found.draft_evidence) is draft
    for evidence in found.draft_evidence:
        assert text[evidence.start : evidence.end] == evidence.quote
