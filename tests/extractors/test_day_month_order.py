"""03/04/2025: the document's other dates decide, else its law and parties; where nothing does, nobody guesses."""

import pytest

from extractors.day_month_order import day_month_order
from extractors.grammar.mentions import DateOrder
from rules.loader import installed_rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Signed 03/04/2025. Delivered 25/04/2025.", DateOrder.DAY_FIRST),
        ("Signed 03/04/2025 under the laws of the State of New York.", DateOrder.MONTH_FIRST),
        ("Signed 03/04/2025 under the laws of England and Wales.", DateOrder.DAY_FIRST),
        ("Alder, a Delaware corporation, signed 03/04/2025.", DateOrder.MONTH_FIRST),
        ("Alder, a Delaware corporation, under the laws of England. 03/04/2025.", None),
        ("Signed 03/04/2025.", None),
    ],
)
def test_the_order_of_day_and_month(text: str, expected: DateOrder | None) -> None:
    assert day_month_order(text, installed_rules()) is expected
