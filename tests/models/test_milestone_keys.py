"""Keys of milestones: each its own, whatever the order and whatever they resolve to."""

import datetime as dt
import random

from models.contract import Milestone, MilestoneKind
from models.dateexpr import Fixed
from models.evidence import Evidence
from models.milestone_keys import contract_id, keys_of


def payment(day: int, quote: str = "pay on 1, 2 and 3 May") -> Milestone:
    return Milestone(
        kind=MilestoneKind.PAYMENT,
        title="Pay",
        evidence=(Evidence(start=5, end=26, quote=quote),),
        rule="r@1",
        confidence=day / 10,
        expr=Fixed(date=dt.date(2024, 5, day)),
    )


def test_several_milestones_of_one_passage_have_each_a_key_of_its_own() -> None:
    found = [payment(1), payment(2), payment(3)]
    keys = keys_of(found, "c")
    assert len(set(keys)) == 3
    assert keys[0] == found[0].key("c")


def test_keys_hang_neither_on_the_order_nor_on_confidence_nor_on_the_date_found() -> None:
    found = [payment(day) for day in range(1, 6)]
    expected = {one.expr: key for one, key in zip(found, keys_of(found), strict=True)}
    later = [one.model_copy(update={"confidence": 0.5, "date": dt.date(2024, 5, 1)}) for one in found]
    random.Random(7).shuffle(later)
    assert {one.expr: key for one, key in zip(later, keys_of(later), strict=True)} == expected


def test_another_contract_has_other_keys() -> None:
    assert not set(keys_of([payment(1), payment(2)], "a")) & set(keys_of([payment(1), payment(2)], "b"))


def test_the_id_of_a_contract_never_changes_for_databases_hold_it() -> None:
    assert contract_id("0" * 64) == "81072b2794b7366b20bb2a52868db502"
