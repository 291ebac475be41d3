"""Two readings of one document: a passage that takes in more or fewer words and says the same is the same passage."""

from typing import Any

import pytest

from models.contract import Milestone, MilestoneKind, Outcome, Status
from models.evidence import Evidence
from models.milestone_keys import keys_of
from models.rereading import quote_of, steadied

TEXT = "Supplier ships the units. Customer pays within ten days after delivery. Notices go by post."


def evidence(quote: str, shift: int = 0) -> Evidence:
    start = TEXT.index(quote) + shift
    return Evidence(start=start, end=start + len(quote), quote=quote)


def payment(quote: str, *, shift: int = 0, **changes: Any) -> Milestone:
    given = {"kind": MilestoneKind.PAYMENT, "title": "Pay", "rule": "pay@1", "confidence": 0.8, **changes}
    return Milestone(evidence=(evidence(quote, shift),), **given)


def outcome(*milestones: Milestone) -> Outcome:
    return Outcome(file="a.pdf", sha256="0" * 64, status=Status.OK, milestones=milestones)


PAYS = "Customer pays within ten days after delivery."


@pytest.mark.parametrize(
    ("quote", "shift"),
    [
        (PAYS + " Notices go by post.", 0),
        ("Supplier ships the units. " + PAYS, 0),
        ("pays within ten days", 0),
        (PAYS + " Notices go by post.", 40),
    ],
)
def test_more_or_fewer_words_that_say_the_same_are_the_same_passage(quote: str, shift: int) -> None:
    found = steadied(outcome(payment(quote, shift=shift)), outcome(payment(PAYS)))
    (kept,) = found.milestones
    assert kept.evidence == (evidence(PAYS, shift),)


@pytest.mark.parametrize(
    "new",
    [
        payment(PAYS + " Notices go by post.", kind=MilestoneKind.NOTICE),
        payment("Supplier ships the units."),
        payment("delivery. Notices go by post."),
    ],
)
def test_what_is_of_another_kind_or_stands_elsewhere_is_left_as_it_is(new: Milestone) -> None:
    assert steadied(outcome(new), outcome(payment(PAYS))) == outcome(new)


def test_what_says_something_else_keeps_both_passages_the_old_one_first() -> None:
    longer = payment(PAYS + " Notices go by post.", who="Customer")
    (kept,) = steadied(outcome(longer), outcome(payment(PAYS))).milestones
    assert kept == longer.model_copy(update={"evidence": (evidence(PAYS), *longer.evidence)})
    assert quote_of(kept) == longer.quote


def test_what_says_the_same_comes_before_what_only_stands_in_the_same_words() -> None:
    other = payment("pays within ten days", who="Customer")
    same = payment(PAYS + " Notices go by post.")
    found = steadied(outcome(other, same), outcome(payment(PAYS)))
    assert found.milestones == (other, payment(PAYS))


def test_a_passage_that_both_readings_have_is_no_other_ones_counterpart() -> None:
    longer = payment(PAYS + " Notices go by post.")
    assert steadied(outcome(payment(PAYS), longer), outcome(payment(PAYS))) == outcome(payment(PAYS), longer)


def test_what_waits_for_a_milestone_knows_it_by_its_name_of_now() -> None:
    longer = payment(PAYS + " Notices go by post.")
    (name,) = keys_of([longer])
    waiting = payment("Notices go by post.", kind=MilestoneKind.NOTICE, depends_on=(name,))
    found = steadied(outcome(longer, waiting), outcome(payment(PAYS)))
    assert found.milestones[1].depends_on == tuple(keys_of([found.milestones[0]]))
