"""What matters most: the order that a person would put milestones in, and the reasons."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contract import Milestone, MilestoneKind
from models.evidence import Evidence
from models.money import Amount
from models.ranking import due_day, rank
from models.sending import NoticeCycle
from rules.loader import installed_rules
from rules.ranking import rank_policy

POLICY = rank_policy(installed_rules())
TODAY = dt.date(2026, 3, 2)


def milestone(kind: str = "payment", **values: Any) -> Milestone:
    given = {"kind": kind, "title": "Do", "rule": "r@1", "confidence": 0.9, **values}
    return Milestone.model_validate({**given, "evidence": (Evidence(start=0, end=2, quote="Do"),)})


def dollars(value: int) -> Amount:
    return Amount(text=f"${value:,}", value=Decimal(value), currency="USD")


RENEWAL_NOTICE = milestone("notice", consequences=("auto_renewal",))


@pytest.mark.parametrize(
    ("more", "less"),
    [
        pytest.param(RENEWAL_NOTICE, milestone(amount=dollars(2_000_000)), id="a renewal before a large payment"),
        pytest.param(RENEWAL_NOTICE, milestone("notice"), id="what the contract does else"),
        pytest.param(milestone(amount=dollars(500_000)), milestone(amount=dollars(5_000)), id="more money"),
        pytest.param(milestone(consequences=("late_fee",)), milestone(), id="interest on late payment"),
        pytest.param(milestone(), milestone("survival"), id="kinds"),
        pytest.param(milestone("delivery"), milestone("delivery", vague=("promptly",)), id="vague words"),
    ],
)
def test_the_one_ranks_before_the_other(more: Milestone, less: Milestone) -> None:
    assert rank(more, POLICY).score > rank(less, POLICY).score


def test_the_reasons_say_what_it_is_and_then_the_weightiest_first() -> None:
    found = rank(milestone(amount=dollars(1_000_000), consequences=("late_fee",)), POLICY)
    assert found.reasons == ("payment", "$1,000,000", "late payment bears interest or a charge")


@pytest.mark.parametrize(
    ("due", "reason"),
    [
        (TODAY, "due today"),
        (TODAY + dt.timedelta(days=1), "due in 1 day"),
        (TODAY + dt.timedelta(days=25), "due in 25 days"),
        (TODAY - dt.timedelta(days=1), "was due 1 day ago"),
    ],
)
def test_nearness_counts_as_of_a_day_that_is_given(due: dt.date, reason: str) -> None:
    assert reason in rank(milestone(date=due), POLICY, TODAY).reasons
    assert not any("due" in words for words in rank(milestone(date=due), POLICY).reasons)


@given(near=st.integers(0, 400), far=st.integers(0, 400))
def test_what_is_due_sooner_never_ranks_lower(near: int, far: int) -> None:
    near, far = sorted((near, far))
    sooner, later = (milestone(date=TODAY + dt.timedelta(days=days)) for days in (near, far))
    assert rank(sooner, POLICY, TODAY).score >= rank(later, POLICY, TODAY).score


@given(
    kind=st.sampled_from(MilestoneKind),
    value=st.integers(0, 10**12),
    names=st.lists(st.sampled_from(sorted(POLICY.consequences)), unique=True),
    days=st.integers(-4000, 4000),
)
def test_a_rank_stays_within_its_bounds(kind: MilestoneKind, value: int, names: list[str], days: int) -> None:
    found = milestone(kind, amount=dollars(value), consequences=tuple(names), date=TODAY + dt.timedelta(days=days))
    assert 0 <= rank(found, POLICY, TODAY).score <= POLICY.most


def test_the_day_to_act_by_is_when_to_send_and_moves_on_with_the_terms() -> None:
    cycles = tuple(
        NoticeCycle(number=number, latest=dt.date(year, 12, 1), send_by=dt.date(year, 11, 26))
        for number, year in ((1, 2024), (2, 2025), (3, 2026))
    )
    found = milestone("notice", date=dt.date(2024, 12, 1), send_by=dt.date(2024, 11, 26), cycles=cycles)
    assert due_day(found) == dt.date(2024, 11, 26)
    assert due_day(found, TODAY) == dt.date(2026, 11, 26)


def test_a_recurring_payment_is_due_on_its_next_date() -> None:
    dates = tuple(dt.date(2026, month, 1) for month in (1, 2, 3, 4))
    found = milestone(date=dates[0], occurrences=dates)
    assert due_day(found, TODAY) == dt.date(2026, 4, 1)


def test_every_consequence_that_is_read_has_its_points() -> None:
    named = installed_rules().data["consequences"]
    assert isinstance(named, dict)
    assert set(named) == set(POLICY.consequences)
