"""What an amendment says of a milestone that the contract has already moves that one, and adds no second."""

import datetime as dt
from decimal import Decimal

import pytest

from models.contract import Milestone, MilestoneKind, Recurrence
from models.dateexpr import Fixed
from models.evidence import Evidence
from models.money import Amount
from models.successors import predecessors, says_again


def milestone(kind: str, title: str, day: str = "2024-05-01", amount: int | None = None) -> Milestone:
    paid = Amount(text=f"${amount}", value=Decimal(amount), currency="USD") if amount else None
    return Milestone(
        kind=MilestoneKind(kind),
        title=title,
        evidence=(Evidence(start=0, end=4, quote="word"),),
        rule="test",
        confidence=0.9,
        expr=Fixed(date=dt.date.fromisoformat(day)),
        amount=paid,
    )


@pytest.mark.parametrize(
    ("new", "known", "expected"),
    [
        (milestone("payment", "Pay $500", amount=500), milestone("payment", "Pay the fee", amount=500), True),
        (milestone("payment", "Pay $500", amount=500), milestone("payment", "Pay $500", amount=600), False),
        (milestone("payment", "Pay it", "2024-06-01", 500), milestone("payment", "Pay it", amount=500), False),
        (milestone("report", "Send a report"), milestone("report", "Send a report"), True),
        (milestone("report", "Send a report"), milestone("report", "Send a list"), False),
        (milestone("report", "Send a report"), milestone("delivery", "Send a report"), False),
    ],
)
def test_the_same_kind_on_the_same_day_for_the_same_sum_is_the_same(
    new: Milestone, known: Milestone, expected: bool
) -> None:
    assert says_again(new, known) is expected


def test_what_has_no_time_at_all_is_never_taken_for_the_same() -> None:
    bare = milestone("report", "Send a report").model_copy(update={"expr": None})
    assert not says_again(bare, bare)
    assert says_again(*(bare.model_copy(update={"recurrence": Recurrence.MONTHLY}) for _ in range(2)))


@pytest.mark.parametrize(
    ("new", "gone", "expected"),
    [
        pytest.param(
            [milestone("expiration", "End of the term", "2026-05-01")],
            [milestone("expiration", "End of the initial term"), milestone("notice", "Give notice")],
            [0],
            id="the end of the term moves, whatever it is called",
        ),
        pytest.param(
            [milestone("payment", "Pay $9", amount=9), milestone("payment", "Pay $500", amount=500)],
            [milestone("payment", "Pay the fee", amount=500)],
            [None, 0],
            id="the same first, and each is moved once",
        ),
        pytest.param(
            [milestone("payment", "Pay $8", "2025-01-01", 8), milestone("payment", "Pay $9", "2025-02-01", 9)],
            [milestone("payment", "Pay $500", amount=500), milestone("payment", "Pay $600", amount=600)],
            [None, None],
            id="other instalments are other payments",
        ),
        pytest.param(
            [milestone("payment", "Pay $8", "2025-01-01", 8)],
            [milestone("payment", "Pay $500", amount=500)],
            [0],
            id="the one payment of a clause moves",
        ),
    ],
)
def test_the_new_text_of_a_clause_moves_what_the_old_one_said(
    new: list[Milestone], gone: list[Milestone], expected: list[int | None]
) -> None:
    assert predecessors(new, gone) == expected
