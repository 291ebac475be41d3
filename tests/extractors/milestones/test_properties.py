"""Nothing is invented: every date follows from its expression, and what is blocked has none."""

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.extract import extract
from models.contract_resolution import contract_resolver, resolve_contract
from models.resolution import Blocked
from models.source import SourceText
from rules.loader import installed_rules
from tests.extractors.milestones.contracts import OPENING

ACTORS = st.sampled_from(["Supplier", "Customer", "Either party", "The parties"])
DUTIES = st.sampled_from(
    [
        "pay $12,500",
        "deliver the goods",
        "submit a written report",
        "terminate this Agreement",
        "cure the breach",
        "meet",
    ]
)
UNITS = st.sampled_from(["days", "business days", "weeks", "months", "years"])
ANCHORS = st.sampled_from(
    [
        "after the Effective Date",
        "before the end of the term",
        "after receipt of the invoice",
        "after delivery",
        "after the end of each calendar quarter",
        "",
        "after termination of this Agreement",
    ]
)
PERIODS = st.builds("within {} {} {}".format, st.integers(1, 400), UNITS, ANCHORS)
TIMES = PERIODS | st.sampled_from(
    [
        "by 30 June of each year",
        "on February 1",
        "on 1 July 2015 and 1 July 2016",
        "monthly",
        "upon execution of this Agreement",
        "concurrently with the execution of this Agreement",
        "on the fifth (5th) business day of each month",
        "on the 7th of each month for the preceding month",
        "by the end of the month following the month in which the order is placed",
        "upon the earlier of (i) 1 July 2016 and (ii) 30 days after delivery",
        "within [***] of receipt of the invoice",
        "at least [**] prior to the end of the term",
        "every six (6) months",
        "not more than twice in any twelve (12) month period",
        "monthly, commencing on 1 May 2015",
        "quarterly within ten days after the end of each calendar quarter",
        "on July 1, 2015; October 1, 2015; January 1, 2016",
        "on March 1 and September 1, 2016",
        "on the Closing Date",
        "by the Acceptance Date",
        "at the time the order is placed",
        "before the goods are shipped",
        "within 30 days of the end of the term",
    ]
)
CLAUSES = st.lists(st.builds("{} shall {} {}.".format, ACTORS, DUTIES, TIMES), min_size=1, max_size=4)
TERMS = st.sampled_from(
    ["", "This Agreement shall continue for three (3) years from the Effective Date.", "This Agreement is perpetual."]
)


RENEWALS = st.builds(
    "It shall automatically renew for successive terms of {} months unless either party gives notice of non-renewal at"
    " least {} {} before the end of the then-current term.".format,
    st.integers(1, 36),
    st.integers(1, 400),
    UNITS,
)
NOTICES = st.builds(
    "Notices. All notices shall be in writing and sent by {} and are deemed received {} {} days after {}.".format,
    st.sampled_from(["certified mail", "registered mail or by courier", "e-mail", "hand or by first-class mail"]),
    st.integers(1, 30),
    st.sampled_from(["", "business"]),
    st.sampled_from(["mailing", "dispatch", "transmission"]),
)


@settings(max_examples=60, deadline=None)
@given(term=TERMS, clauses=CLAUSES, renewal=RENEWALS, notices=NOTICES)
def test_every_date_follows_from_its_expression_and_a_blocked_milestone_has_none(
    term: str, clauses: list[str], renewal: str, notices: str
) -> None:
    given_clauses = [term, renewal, *clauses, notices]
    text = OPENING + "\n".join(f"{number}. {clause}" for number, clause in enumerate(given_clauses, 1) if clause)
    findings = extract(SourceText(text, (), ()), installed_rules())
    assert all(one.date is None for one in findings.milestones), "dates come from resolving alone"
    terms, milestones = resolve_contract(findings.terms, findings.milestones)
    resolver = contract_resolver(terms)
    for milestone in milestones:
        assert milestone.quote == text[milestone.evidence[0].start : milestone.evidence[0].end]
        stated = (milestone.date, milestone.earliest, milestone.latest)
        if milestone.blocked_on or milestone.expr is None:
            assert stated == (None, None, None)
            assert (milestone.send_by, milestone.cycles, milestone.occurrences) == (None, (), ())
            continue
        latest = milestone.date or milestone.latest
        assert milestone.send_by is None or (latest is not None and milestone.send_by <= latest)
        for cycle in milestone.cycles:
            assert cycle.latest is not None
            assert cycle.send_by is None or cycle.send_by <= cycle.latest
        outcome = resolver.resolve(milestone.expr, milestone.evidence[0].where)
        assert not isinstance(outcome, Blocked)
        expected = (outcome.date, None, None) if outcome.date else (None, outcome.earliest, outcome.latest)
        assert stated == expected
