"""A table of fees below the sentence that says when they are due: a payment for each row."""

import pytest

from extractors.extract import extract
from models.contract import MilestoneKind
from models.dateexpr import Fixed
from models.source import Cell, SourceText, Table
from rules.loader import installed_rules

OPENING = "This Agreement is made on January 4, 2021 between Alder Ltd and Birch Ltd.\n2. Fees\n"
MONTHLY = "2.1 Birch shall pay the following fees on the last day of each calendar month:\n"
SITES = (("Site", "Monthly fee"), ("North Plant", "$22,800.00"), ("South Plant", "$17,450.00"))


def document(sentence: str, rows: tuple[tuple[str, ...], ...]) -> SourceText:
    text = start = OPENING + sentence
    lines = []
    for cells in rows:
        line = []
        for cell in cells:
            line.append(Cell(len(text), len(text) + len(cell), cell))
            text += cell + "\t"
        text = text[:-1] + "\n"
        lines.append(tuple(line))
    return SourceText(text, (), (), tables=(Table(len(start), len(text), 1, tuple(lines), True),))


@pytest.mark.parametrize(
    ("sentence", "rows", "expected"),
    [
        pytest.param(
            MONTHLY,
            SITES,
            ["Pay $22,800.00: North Plant", "Pay $17,450.00: South Plant"],
            id="a payment for each row",
        ),
        pytest.param(
            MONTHLY,
            (*SITES, ("Total", "$40,250.00")),
            ["Pay $22,800.00: North Plant", "Pay $17,450.00: South Plant"],
            id="a total is no payment",
        ),
        pytest.param(
            MONTHLY,
            (("Part", "Unit price"), ("Valve", "$41.25"), ("Pump", "$90.00")),
            [],
            id="a list of prices says nothing of what is paid",
        ),
        pytest.param(
            MONTHLY,
            (("Site", "Fee", "Extra charge"), ("North Plant", "$22,800.00", "$10.00")),
            [],
            id="two columns of money: a person reads it",
        ),
    ],
)
def test_each_row_is_paid_when_the_sentence_above_says(
    sentence: str, rows: tuple[tuple[str, ...], ...], expected: list[str]
) -> None:
    found = [one for one in extract(document(sentence, rows), installed_rules()).milestones if "$" in one.title]
    assert [one.title for one in found] == expected
    assert all(str(one.recurrence) == "monthly" for one in found)
    assert all(one.kind is MilestoneKind.PAYMENT and len(one.evidence) == 2 for one in found)


def test_in_a_list_within_a_sentence_each_sum_falls_due_on_its_own_day() -> None:
    text = (
        f"{OPENING}2.1 Birch shall pay Alder (i) $100,000 on or before the quarter beginning April 1, 2022, "
        "(ii) $200,000 on or before the quarter beginning April 1, 2023 and (iii) $300,000 on or before the quarter "
        "beginning April 1, 2024.\n"
    )
    found = extract(SourceText(text, (), ()), installed_rules()).milestones
    paid = {one.expr.date.year: one.amount.text for one in found if isinstance(one.expr, Fixed) and one.amount}
    assert paid == {2022: "$100,000", 2023: "$200,000", 2024: "$300,000"}
