"""Policies: what is installed holds together, one's own stand before it, and a mistake is named with its place."""

from pathlib import Path

import pytest

from models.contract import MilestoneKind
from models.tracked import Risk
from rules.loader import load_rules
from rules.schema import RuleDataError
from rules.tracking_policies import FOLDER, Case, load_policies

INSTALLED = FOLDER / "reminders.yaml"


def test_every_kind_of_milestone_has_a_ladder_and_an_owner() -> None:
    policies = load_policies()
    assert {*MilestoneKind} <= set(policies.reminders.ladders)
    assert {*MilestoneKind} <= set(policies.owners.kinds)


def test_the_ladders_are_those_that_were_asked_for() -> None:
    ladders = load_policies().reminders.ladders
    assert ladders["notice"] == ladders["renewal"] == (120, 90, 60, 30, 14, 7, 1)
    assert ladders["payment"] == (14, 3, 0)


@pytest.mark.parametrize(
    ("case", "contract", "own", "expected"),
    [
        (Case(kind="payment"), {}, None, (14, 3, 0)),
        (Case(kind="unheard of"), {}, None, (30, 14, 7, 1)),
        (Case(kind="payment", value=2_000_000), {}, None, (30, 14, 7, 3, 1, 0)),
        (Case(kind="notice", risk=Risk.HIGH), {}, None, (180, 120, 90, 60, 30, 14, 7, 3, 1)),
        (Case(kind="payment", value=2_000_000), {"payment": (1, 5, 5)}, None, (5, 1)),
        (Case(kind="payment", value=2_000_000), {"payment": (5,)}, (2,), (2,)),
    ],
)
def test_the_strongest_ladder_counts(
    case: Case, contract: dict[str, tuple[int, ...]], own: tuple[int, ...] | None, expected: tuple[int, ...]
) -> None:
    assert load_policies().reminders.ladder(case, contract, own) == expected


def test_a_file_of_ones_own_stands_before_the_installed_one(tmp_path: Path) -> None:
    own = INSTALLED.read_text(encoding="utf-8").replace('at: "09:00"', "at: 7:30")
    (tmp_path / "reminders.yaml").write_text(own, encoding="utf-8")
    policies = load_policies(tmp_path)
    assert (policies.reminders.at.hour, policies.reminders.at.minute) == (7, 30)
    assert policies.owners == load_policies().owners
    assert policies.version != load_policies().version


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("due_soon: 14", "due_sone: 14", "due_sone"),
        ("  other:       [30, 14, 7, 1]", "", "`other`"),
        ("payment:     [14, 3, 0]", "payment:     [14, -3]", "0 or more"),
        ("payment:     [14, 3, 0]", "payment:     []", "at least one"),
        ("payment:     [14, 3, 0]", "payment:     [390]", "do not fit"),
        ("overdue: [1, 7, 14, 30]", "overdue: [0]", "counted from 1"),
        ("quiet: [weekend, holidays]", "quiet: [sundays]", "quiet"),
        ("weekday: monday", "weekday: mon", "weekday"),
        ("at:", "at: [", "reminders.yaml"),
    ],
)
def test_a_mistake_in_a_policy_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = INSTALLED.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "reminders.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleDataError, match=said) as named:
        load_policies(tmp_path)
    assert str(tmp_path / "reminders.yaml") in str(named.value)


def test_policies_are_no_part_of_the_version_of_the_rules() -> None:
    assert not {"reminders", "owners", "reviews"} & set(load_rules().data)
