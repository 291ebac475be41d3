"""Proposals, what the classifiers see of them, what is decided, and what the terms put in."""

from dataclasses import replace

import pytest

from extractors.engine import Document
from extractors.milestones import hits_of
from extractors.milestones.amounts import amount_for
from extractors.milestones.dismissals import Dismissal
from extractors.milestones.echoes import without_echoes
from extractors.milestones.exact import with_exact_times
from extractors.milestones.features import LABELS, features
from extractors.milestones.kinds import MODEL, Decision, decide
from extractors.milestones.lists import with_whole_lists
from extractors.milestones.proposals import Proposal, propose
from extractors.milestones.terms import from_terms
from models.contract import MilestoneKind, Term, TermField, TermState
from models.evidence import Evidence
from models.source import Span
from rules.loader import installed_rules
from tests.extractors.milestones.contracts import document_of


def words_of(document: Document) -> list[str]:
    return [document.text[one.span.start : one.span.end] for one in propose(document)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Customer shall pay within ten days after delivery.", ["within ten days after delivery"]),
        ("The warranty is twelve months.", ["twelve months"]),
        ("The Agreement may be renewed by agreement.", ["renewed"]),
        ("Supplier shall keep the goods dry.", []),
    ],
)
def test_every_time_and_every_word_of_renewal_is_proposed(text: str, words: list[str]) -> None:
    assert words_of(document_of(text)) == words


def test_what_the_classifiers_see_holds_no_number_and_no_amount() -> None:
    document = document_of("Customer shall pay $12,345.67 to Supplier within 17 days after 3 March 2014.")
    hits = hits_of(document, installed_rules())
    for proposal in propose(document):
        words = features(document, proposal, hits.get(proposal.passage, ()))
        assert words
        assert not [word for word in words if any(char.isdigit() for char in word.split("@")[0])]


def scores(**given: float) -> dict[str, float]:
    return dict.fromkeys(LABELS, 0.0) | given


PROPOSAL = Proposal(0, Span(10, 20))


@pytest.mark.parametrize(
    ("chance", "kinds", "sums", "expected"),
    [
        (0.9, scores(delivery=0.8), (), ["delivery"]),
        (0.9, scores(delivery=0.1, report=0.05), (), ["delivery"]),
        (0.29, scores(delivery=0.8), (), []),
        (0.28, scores(payment=0.8), (), []),
        (0.28, scores(payment=0.8), (0,), ["payment"]),
        (0.28, scores(delivery=0.8), (0,), []),
        (0.25, scores(notice=0.9), (), ["notice"]),
        (0.33, scores(effective=0.9), (), []),
        (0.9, scores(effective=0.9, expiration=0.6), (), ["effective", "expiration"]),
        (0.9, scores(effective=0.9, expiration=0.3), (), ["effective"]),
    ],
)
def test_a_proposal_is_taken_by_its_chance_and_kind(
    chance: float, kinds: dict[str, float], sums: tuple[int, ...], expected: list[str]
) -> None:
    decisions = decide([PROPOSAL], {}, [{"milestone": chance}], [kinds], {}, sums)
    assert sorted(str(one.kind) for one in decisions) == expected
    assert all(0 <= one.confidence <= chance and one.rule == MODEL for one in decisions)


ONCE = "Supplier shall report within ten days after delivery for each calendar month."
LISTED = "Supplier shall (a) report within ten days after delivery; and (b) start sales by 30 June 2016."


@pytest.mark.parametrize(
    ("text", "chances", "taken"),
    [
        (ONCE, (0.9, 0.4), [0]),
        (ONCE, (0.4, 0.9), [1]),
        (ONCE, (0.9, 0.5), [0, 1]),
        (ONCE, (0.4, 0.4), [0]),
        (LISTED, (0.9, 0.4), [0, 1]),
    ],
)
def test_a_clause_is_taken_again_for_the_same_kind_only_if_likely_or_in_another_item(
    text: str, chances: tuple[float, float], taken: list[int]
) -> None:
    document = document_of(text)
    said = [
        Decision(proposal, MilestoneKind.REPORT, chance, MODEL)
        for proposal, chance in zip(propose(document), chances, strict=True)
    ]
    assert without_echoes(document, said) == [said[index] for index in taken]
    other = replace(said[1], kind=MilestoneKind.DELIVERY)
    assert without_echoes(document, [said[0], other]) == [said[0], other]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Customer pays $8,000 at the end of each month during the first twelve months.", [0]),
        ("Quarterly Reports: within ten days after the end of each quarter Supplier reports.", [1]),
        ("If it falls short within 30 days after the end of the Term, Supplier shall within 30 days pay.", [0]),
        ("Supplier pays within 30 days after the end of the Term, and again within 60 days.", [0, 1]),
        ("Supplier pays (a) within 30 days after delivery; and (b) within 30 days.", [0, 1]),
        ("Each month Supplier reports what was sold as of the end of the previous month.", [0, 1]),
    ],
)
def test_a_time_that_adds_nothing_to_another_is_no_second_milestone(text: str, taken: list[int]) -> None:
    document = document_of(text)
    said = [Decision(proposal, MilestoneKind.PAYMENT, 0.9, MODEL) for proposal in propose(document)]
    assert [said.index(one) for one in without_echoes(document, said)] == taken


@pytest.mark.parametrize(
    ("dismissal", "left"),
    [
        (Dismissal("milestone", None), 0),
        (Dismissal("milestone", Span(15, 16)), 0),
        (Dismissal("milestone", Span(30, 40)), 1),
        (Dismissal("payment", None), 1),
    ],
)
def test_what_a_rule_dismisses_is_not_taken(dismissal: Dismissal, left: int) -> None:
    decisions = decide([PROPOSAL], {}, [{"milestone": 0.9}], [scores(report=0.9)], {0: [dismissal]}, ())
    assert len(decisions) == left


def test_a_term_that_was_read_is_a_milestone_once() -> None:
    document = document_of("This Agreement expires on 3 March 2017.")
    term = Term(
        field=TermField.EXPIRATION_DATE,
        state=TermState.FOUND,
        confidence=0.9,
        evidence=(Evidence(start=0, end=39, quote=document.text[:39]),),
    )
    added = from_terms(document, [term], [])
    assert [one.kind for one in added] == [MilestoneKind.EXPIRATION]
    taken = [Decision(propose(document)[0], MilestoneKind.EXPIRATION, 0.5, MODEL)]
    merged = from_terms(document, [term], taken)
    assert [(one.kind, one.rule, one.proposal) for one in merged] == [
        (MilestoneKind.EXPIRATION, MODEL, taken[0].proposal)
    ]
    assert merged[0].confidence > taken[0].confidence


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("If sales exceed $5,000,000, Customer shall pay a bonus of $10,000 within 30 days.", "$10,000"),
        ("Customer shall pay a royalty of 5% of Net Sales within 30 days.", "5%"),
        ("Supplier holds stock worth $900; Customer shall pay $70 within 30 days.", "$70"),
        ("Customer shall pay within 30 days.", None),
    ],
)
def test_the_amount_is_the_one_that_is_paid_at_that_time(text: str, amount: str | None) -> None:
    at = text.index("within")
    found = amount_for(document_of(text), Span(0, len(text)), Span(at, at + 14))
    assert (found.text[: len(amount)] if found and amount else found) == amount


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Customer pays $500 on July 1, 2015, October 1, 2015 and January 1, 2016.", 3),
        ("The instalments are due on July 1, 2015; October 1, 2015; January 1, 2016; April 1, 2016.", 4),
        ("The instalments are due on July 1, 2015\u037e October 1, 2015\u037e January 1, 2016.", 3),
        ("Customer pays $500 on July 1, 2015. The works are done by October 1, 2015.", 1),
    ],
)
def test_a_payment_on_one_date_of_a_list_is_one_on_each_of_them(text: str, count: int) -> None:
    document = document_of(text)
    proposals = propose(document)
    first = Decision(next(one for one in proposals if one.timing), MilestoneKind.PAYMENT, 0.9, MODEL)
    assert len(with_whole_lists(document, proposals, [first])) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It sends forecasts for each calendar quarter at least ten days prior to the commencement of such quarter.",
            "at least ten days prior to the commencement of such quarter",
        ),
        (
            "On the first day of each calendar quarter, Supplier sends a rolling weekly forecast.",
            "On the first day of each calendar quarter",
        ),
        ("Supplier reports monthly within ten days after the end of the Term.", "monthly"),
        ("Supplier (a) reports monthly; and (b) sends forecasts by the 5th of each month.", "monthly"),
        ("Supplier reports monthly.", "monthly"),
    ],
)
def test_how_often_gives_way_to_when(text: str, expected: str) -> None:
    document = document_of(text)
    proposals = propose(document)
    often = next(one for one in proposals if one.timing and one.timing.rule == "recurrence" and not one.timing.cue)
    [moved] = with_exact_times(document, proposals, [Decision(often, MilestoneKind.REPORT, 0.9, MODEL)])
    assert document.text[moved.proposal.span.start : moved.proposal.span.end] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The monthly fee is $3,250 through 19 August 2016.", "monthly"),
        ("The fee is paid on 19 August 2016.", "19 August 2016"),
        ("Customer pays $500 until 19 August 2016.", "until 19 August 2016"),
    ],
)
def test_what_is_due_again_and_again_until_a_day_is_not_due_on_that_day(text: str, expected: str) -> None:
    document = document_of(text)
    proposals = propose(document)
    day = next(one for one in proposals if one.timing and one.timing.rule == "date")
    [moved] = with_exact_times(document, proposals, [Decision(day, MilestoneKind.PAYMENT, 0.9, MODEL)])
    assert document.text[moved.proposal.span.start : moved.proposal.span.end].endswith(expected)
